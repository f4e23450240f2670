using KvNorm.KvCache.Eviction;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Slots;

/// <summary>
/// Where rows keep their positions, those that the model was trained for run out. Then the tokens that are held are read again, at
/// positions from 0 on, and the conversation goes on. While they are read, the conversation ends with the last one that was: whoever
/// leaves it there finds a shorter one, whose prompt is prefilled from there on.
/// </summary>
/// <param name="plan">What holds for the slot.</param>
/// <param name="conversation">Its conversation.</param>
/// <param name="sequence">Where the cells are.</param>
internal sealed class SlotRenewal(CachePlan plan, SlotConversation conversation, LlamaSequence sequence)
{
    private int[] _text = []; // the conversation when it had to be renewed
    private int[] _held = []; // the numbers of its tokens that are read again, ascending
    private int _read;

    /// <summary>Gets the tokens that are still to be read.</summary>
    public int Pending => _held.Length - _read;

    /// <summary>Gets the tokens that are in the batch.</summary>
    public int Staged { get; private set; }

    /// <summary>Whether the model was trained for fewer positions than some.</summary>
    public bool IsDue(int positions) => plan.Model.TrainedLength is > 0 and var trained && positions > trained;

    /// <summary>
    /// Empties the cache; the tokens it held are to be read again. Where heads differ, those that most of them held, and the last one,
    /// with which the conversation ends: after a cut few may hold it.
    /// </summary>
    public void Begin()
    {
        RowLedger ledger = conversation.Ledger;
        float[] shares = ledger.Retention();
        _text = conversation.Tokens.ToArray();
        int last = _text.Length - 1;
        _held =
        [
            .. Enumerable.Range(0, _text.Length)
                .OrderByDescending(token => (token == last, shares[token], token))
                .Take(ledger.Rows)
                .Order(),
        ];
        _read = 0;
        sequence.Clear();
        conversation.Truncate(0);
    }

    /// <summary>Puts tokens that are still to be read into the context's batch.</summary>
    /// <param name="maximum">The maximum of them.</param>
    public void Stage(int maximum)
    {
        Staged = Math.Min(Pending, maximum);
        if (Staged > 0)
            sequence.Stage(Array.ConvertAll(_held[_read..(_read + Staged)], token => _text[token]), _read, logits: false);
    }

    /// <summary>The staged tokens were decoded.</summary>
    public void Commit()
    {
        if (Staged == 0)
            return;
        conversation.AppendHeld(_text, _held.AsSpan(_read, Staged));
        (_read, Staged) = (_read + Staged, 0);
        if (Pending == 0)
            Forget();
    }

    /// <summary>The staged tokens were not decoded.</summary>
    public void Rollback() => Staged = 0;

    /// <summary>The conversation is another one from now on.</summary>
    public void Forget() => (_text, _held, _read, Staged) = ([], [], 0, 0);
}
