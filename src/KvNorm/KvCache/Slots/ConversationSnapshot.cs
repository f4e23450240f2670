using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Attention;
using KvNorm.KvCache.Eviction;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Slots;

/// <summary>
/// A conversation outside of its slot, with everything needed to go on as if it had never left. Owns the state and the archive.
/// </summary>
/// <param name="Tokens">All logical tokens.</param>
/// <param name="Pinned">
/// Those that stay. A file holds how many are the system prompt, at least the sinks, and where the first message ends.
/// </param>
/// <param name="Ledger">Which token each row is.</param>
/// <param name="TakingBack">How it can be taken back.</param>
/// <param name="Statistics">What the scorer has learnt.</param>
/// <param name="State">The rows, as llama.cpp writes them.</param>
internal sealed record ConversationSnapshot(
    int[] Tokens, PinnedTokens Pinned, RowLedger Ledger, TakingBack TakingBack, ScorerStatistics? Statistics, StateBuffer State)
    : IDisposable
{
    /// <summary>Gets by what callers find it.</summary>
    public ConversationTrace Trace { get; init; } = ConversationTrace.Nobodys();

    /// <summary>
    /// Gets what was evicted; null where nothing is kept of that. It stays within the bounds of the archive, and can lose its oldest
    /// tokens.
    /// </summary>
    public RowArchive? Archive { get; init; }

    /// <summary>
    /// Gets the queries of the latest tokens, which nobody changes; null where they were not read. A file does not hold them.
    /// </summary>
    public QueryLog? Queries { get; init; }

    /// <summary>Gets what came back for the message being answered. A file does not hold it.</summary>
    public RecalledSpans Recalled { get; init; } = RecalledSpans.None;

    /// <summary>Gets the numbers of the tokens that were read again and are among the rows.</summary>
    public int[] ReadAgain { get; init; } = [];

    /// <summary>Gets rows of an archive on their way out of the process or into it; null for none.</summary>
    public ArchivedRows? SavedArchive { get; init; }

    /// <summary>Gets the bytes held, without the archive.</summary>
    public long Bytes => State.Length + (Queries?.Bytes ?? 0)
        + (sizeof(int) * ((long)Tokens.Length + ((long)Ledger.SetCount * Ledger.PackedRows)))
        + (sizeof(double) * (Statistics?.Heads.Sum(static head => (long)head.Length) ?? 0));

    /// <inheritdoc cref="PromptMatch.ReusableLength"/>
    public int ReusableLength(ReadOnlySpan<int> prompt) => PromptMatch.ReusableLength(prompt, Tokens, Ledger, Pinned.Prefix, TakingBack);

    /// <inheritdoc cref="PromptMatch.IsContinuedBy"/>
    public bool IsContinuedBy(ReadOnlySpan<int> prompt) => PromptMatch.IsContinuedBy(prompt, Tokens, Pinned.Prefix);

    /// <summary>A copy for another thread, with a state of its own and a copy of what was evicted.</summary>
    /// <param name="archiveBytes">The maximum of bytes of that; the latest tokens are copied.</param>
    public ConversationSnapshot Copy(long archiveBytes)
    {
        StateBuffer state = new();
        state.CopyFrom(State);
        return this with { State = state, Archive = null, SavedArchive = Archive?.CopyLatest(archiveBytes) };
    }

    /// <summary>The same for another thread, with a copy of what was evicted; that itself is given up here.</summary>
    /// <inheritdoc cref="Copy"/>
    public ConversationSnapshot Detach(long archiveBytes)
    {
        ArchivedRows? saved = Archive?.CopyLatest(archiveBytes);
        Archive?.Dispose();
        return this with { Archive = null, SavedArchive = saved };
    }

    public void Dispose()
    {
        State.Dispose();
        Archive?.Dispose();
        SavedArchive?.Dispose();
    }
}
