using KvNorm.KvCache.Eviction;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Slots;

/// <summary>A conversation outside of its slot, with everything needed to go on as if it had never left. Owns the state.</summary>
/// <param name="Tokens">All logical tokens.</param>
/// <param name="Prefix">Those at the start that are the system prompt, at least the sinks.</param>
/// <param name="Ledger">Which token each row is.</param>
/// <param name="CanCut">Whether rows can be taken out of the middle.</param>
/// <param name="Statistics">What the scorer has learnt.</param>
/// <param name="State">The rows, as llama.cpp writes them.</param>
internal sealed record ConversationSnapshot(
    int[] Tokens, int Prefix, RowLedger Ledger, bool CanCut, ScorerStatistics? Statistics, StateBuffer State) : IDisposable
{
    /// <summary>Gets the bytes held.</summary>
    public long Bytes => State.Length + (sizeof(int) * ((long)Tokens.Length + ((long)Ledger.SetCount * Ledger.PackedRows)));

    /// <inheritdoc cref="PromptMatch.ReusableLength"/>
    public int ReusableLength(ReadOnlySpan<int> prompt) => PromptMatch.ReusableLength(prompt, Tokens, Ledger, Prefix, CanCut);

    /// <inheritdoc cref="PromptMatch.IsContinuedBy"/>
    public bool IsContinuedBy(ReadOnlySpan<int> prompt) => PromptMatch.IsContinuedBy(prompt, Tokens, Prefix);

    /// <summary>A copy with a state of its own.</summary>
    public ConversationSnapshot Copy()
    {
        StateBuffer state = new();
        state.CopyFrom(State);
        return this with { State = state };
    }

    public void Dispose() => State.Dispose();
}
