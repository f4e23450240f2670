using System.Runtime.InteropServices;
using KvNorm.KvCache.Attention;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Recall;

namespace KvNorm.KvCache.Slots;

/// <summary>The conversation of a slot: all its tokens, the spans they stand in, which of them each row is, and which must stay.</summary>
/// <param name="ledger">Which token each row is.</param>
/// <param name="spans">Which span each token stands in, and how rare its word is.</param>
/// <param name="takingBack">How it can be taken back.</param>
/// <param name="recall">What was evicted of it; null where nothing is kept of that.</param>
/// <param name="queries">The queries of its latest tokens; null where they are not read.</param>
internal sealed class SlotConversation(
    RowLedger ledger, SpanMap spans, TakingBack takingBack, ConversationRecall? recall = null, QueryLog? queries = null)
{
    private readonly List<int> _tokens = [];

    /// <summary>Gets the tokens so far, held or not.</summary>
    public int Length => _tokens.Count;

    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    public RowLedger Ledger => ledger;

    public SpanMap Spans => spans;

    /// <summary>Gets the queries of its latest tokens; null where they are not read.</summary>
    public QueryLog? Queries => queries;

    /// <summary>Gets or sets what stays whatever its score.</summary>
    public PinnedTokens Pinned { get; set; }

    /// <summary>Gets or sets what came back for the message being answered.</summary>
    public RecalledSpans Recalled { get; set; } = RecalledSpans.None;

    /// <inheritdoc cref="PromptMatch.ReusableLength"/>
    public int ReusableLength(ReadOnlySpan<int> prompt) =>
        PromptMatch.ReusableLength(prompt, Tokens, ledger, Pinned.Prefix, takingBack);

    /// <inheritdoc cref="PromptMatch.IsContinuedBy"/>
    public bool IsContinuedBy(ReadOnlySpan<int> prompt) => PromptMatch.IsContinuedBy(prompt, Tokens, Pinned.Prefix);

    /// <summary>Whether there is one, and all of it is the beginning of some tokens.</summary>
    public bool IsBeginningOf(ReadOnlySpan<int> tokens) => Length > 0 && tokens.StartsWith(Tokens);

    /// <summary>Tokens were decoded after the last one.</summary>
    public void Append(ReadOnlySpan<int> tokens)
    {
        ledger.Append(tokens.Length);
        AppendText(tokens);
    }

    /// <summary>Tokens were decoded after the last one, and none of those between them.</summary>
    /// <param name="text">All tokens, those so far among them.</param>
    /// <param name="held">The numbers of those that were decoded, ascending.</param>
    public void AppendHeld(ReadOnlySpan<int> text, ReadOnlySpan<int> held)
    {
        ledger.AppendHeld(held);
        AppendText(text[Length..(held[^1] + 1)]);
    }

    /// <summary>Drops the tokens from <paramref name="length"/> on, which must be restorable, and their rows.</summary>
    public void Truncate(int length)
    {
        ledger.Truncate(length);
        TruncateText(length);
    }

    /// <summary>Drops the tokens from <paramref name="length"/> on, whose rows a cut has taken out of the ledger.</summary>
    public void TruncateText(int length)
    {
        _tokens.RemoveRange(length, _tokens.Count - length);
        Recalled = RecalledSpans.None;
        recall?.Truncate(length);
        queries?.Truncate(length);
        spans.Truncate(length);
    }

    /// <inheritdoc cref="ConversationRecall.NoteEviction"/>
    public void NoteEviction() => recall?.NoteEviction(Tokens);

    /// <summary>Takes up a conversation of another time or slot, in place of this one.</summary>
    public void Restore(ConversationSnapshot saved)
    {
        TruncateText(0);
        ledger.CopyFrom(saved.Ledger);
        AppendText(saved.Tokens);
        if (saved.Archive is not null)
            recall?.Archive?.CopyFrom(saved.Archive);
        if (saved.Queries is not null)
            queries?.CopyFrom(saved.Queries);
        Pinned = saved.Pinned;
        Recalled = saved.Recalled;
    }

    private void AppendText(ReadOnlySpan<int> tokens)
    {
        _tokens.AddRange(tokens);
        spans.Append(tokens);
    }
}
