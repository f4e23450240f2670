using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Attention;
using KvNorm.KvCache.Eviction;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Slots;

/// <summary>
/// A conversation outside of its slot, with everything needed to go on as if it had never left. Owns the state and the archive.
/// </summary>
/// <param name="Tokens">All logical tokens.</param>
/// <param name="Prefix">Those at the start that are the system prompt, at least the sinks.</param>
/// <param name="Ledger">Which token each row is.</param>
/// <param name="CanCut">Whether rows can be taken out of the middle.</param>
/// <param name="Statistics">What the scorer has learnt.</param>
/// <param name="State">The rows, as llama.cpp writes them.</param>
internal sealed record ConversationSnapshot(
    int[] Tokens, int Prefix, RowLedger Ledger, bool CanCut, ScorerStatistics? Statistics, StateBuffer State) : IDisposable
{
    /// <summary>
    /// Gets what was evicted; null where nothing is kept of that. It stays within the bounds of the archive, and can lose its oldest
    /// tokens.
    /// </summary>
    public RowArchive? Archive { get; init; }

    /// <summary>
    /// Gets the queries of the latest tokens, which nobody changes; null where they were not read. A file does not hold them.
    /// </summary>
    public QueryLog? Queries { get; init; }

    /// <summary>Gets the bytes held, without the archive.</summary>
    public long Bytes => State.Length + (Queries?.Bytes ?? 0)
        + (sizeof(int) * ((long)Tokens.Length + ((long)Ledger.SetCount * Ledger.PackedRows)));

    /// <inheritdoc cref="PromptMatch.ReusableLength"/>
    public int ReusableLength(ReadOnlySpan<int> prompt) => PromptMatch.ReusableLength(prompt, Tokens, Ledger, Prefix, CanCut);

    /// <inheritdoc cref="PromptMatch.IsContinuedBy"/>
    public bool IsContinuedBy(ReadOnlySpan<int> prompt) => PromptMatch.IsContinuedBy(prompt, Tokens, Prefix);

    /// <summary>A copy with a state of its own, but without what was evicted.</summary>
    public ConversationSnapshot Copy()
    {
        StateBuffer state = new();
        state.CopyFrom(State);
        return this with { State = state, Archive = null };
    }

    /// <summary>The same without what was evicted, which is given up here. It may go to another thread.</summary>
    public ConversationSnapshot WithoutArchive()
    {
        Archive?.Dispose();
        return this with { Archive = null };
    }

    public void Dispose()
    {
        State.Dispose();
        Archive?.Dispose();
    }
}
