using KvNorm.KvCache.Eviction;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Slots;

/// <summary>What the slots of a pool share, since one of them works at a time.</summary>
/// <param name="State">For states on their way.</param>
/// <param name="Scoring">For scoring.</param>
/// <param name="Pieces">What each token is.</param>
internal sealed record SlotBuffers(StateBuffer State, ScoringBuffers Scoring, TokenPieces Pieces);
