using KvNorm.KvCache.Eviction;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Slots;

/// <summary>A conversation outside of its slot, with everything needed to go on as if it had never left. Owns the state.</summary>
/// <param name="Tokens">All logical tokens.</param>
/// <param name="Prefix">Those at the start that are the system prompt, at least the sinks.</param>
/// <param name="Ledger">Which token each row is.</param>
/// <param name="CanBeCut">Whether rows can be taken out of the middle.</param>
/// <param name="Statistics">What the scorer has learnt.</param>
/// <param name="State">The rows, as llama.cpp writes them.</param>
internal sealed record ConversationSnapshot(int[] Tokens, int Prefix, RowLedger Ledger, bool CanBeCut, ScorerStatistics? Statistics, StateBuffer State) : IDisposable
{
    /// <summary>Gets the bytes held.</summary>
    public long Bytes => State.Length + (sizeof(int) * ((long)Tokens.Length + ((long)Ledger.HeadCount * Ledger.PackedRows)));

    /// <inheritdoc cref="Slot.ReusableLength"/>
    public int ReusableLength(ReadOnlySpan<int> prompt)
    {
        int common = Math.Min(Tokens.AsSpan().CommonPrefixLength(prompt), prompt.Length - 1);
        return CanBeCut ? Ledger.ResumableLength(common, Prefix) : Ledger.RestorableLength(common);
    }

    /// <inheritdoc cref="Slot.IsContinuedBy"/>
    public bool IsContinuedBy(ReadOnlySpan<int> prompt) => IsContinuedBy(prompt, Tokens, Prefix);

    public static bool IsContinuedBy(ReadOnlySpan<int> prompt, ReadOnlySpan<int> tokens, int prefix)
    {
        int common = tokens.CommonPrefixLength(prompt);
        return common == tokens.Length || (common - prefix) * 2 >= Math.Min(tokens.Length, prompt.Length) - prefix;
    }

    /// <summary>A copy with a state of its own.</summary>
    public ConversationSnapshot Copy()
    {
        StateBuffer state = new();
        state.CopyFrom(State);
        return this with { State = state };
    }

    public void Dispose() => State.Dispose();
}
