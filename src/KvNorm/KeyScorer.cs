namespace KvNorm;

/// <summary>
/// Says which rows of a head matter: one subclass per method. <see cref="EvictionPolicy.Custom"/> makes a policy of it; the built-in
/// policies are made in the
/// same way. An instance belongs to one conversation in one slot. When that conversation ends, <see cref="Reset"/> makes it ready for
/// another.
/// </summary>
/// <remarks>
/// Heads of different layers are scored at the same time, those of one layer one after another: state must be kept per head, in an array by
/// <see cref="HeadRows.Head"/>. All other members are called by one thread at a time, and never during a <see cref="Score"/>. An exception
/// reaches the
/// caller whose request needed the room, as it is; the conversation leaves the cache, and the next request that has it decodes it again.
/// </remarks>
public abstract class KeyScorer
{
    /// <summary>An <see cref="AttentionWindow"/> over all tokens since the last eviction, each of which is counted once.</summary>
    public const int EveryToken = int.MaxValue;

    /// <summary>Gets whether the score looks at the keys. Must not change.</summary>
    public virtual bool NeedsKeys => true;

    /// <summary>Gets whether the score looks at the values. Must not change.</summary>
    public virtual bool NeedsValues => false;

    /// <summary>
    /// Gets over how many of the latest tokens <see cref="HeadRows.Attention"/> is summed; 0, the default, for a score that does not look
    /// at attention, <see cref="EveryToken"/> for all since the last eviction. Must not change. The queries of so many tokens are kept in
    /// host memory beside the budget, and models whose attention cannot be read are refused.
    /// </summary>
    public virtual int AttentionWindow => 0;

    /// <summary>Gets whether the score looks at anything that must be read out of the cache.</summary>
    internal bool ReadsCache => NeedsKeys || NeedsValues || AttentionWindow > 0;

    /// <summary>
    /// Scores every row of a head. The highest stay, apart from the rows that stay whatever their score. A score that is NaN, negative
    /// infinity or not
    /// written counts as lower than all others of the head, positive infinity as higher.
    /// </summary>
    /// <param name="rows">The rows, in time order. Valid during the call only.</param>
    /// <param name="scores">Receives a score for each, (rows).</param>
    public abstract void Score(in HeadRows rows, Span<float> scores);

    /// <summary>
    /// A copy of what was learnt from the conversation, kept with it outside of its slot and in files; null when nothing is.
    /// </summary>
    public virtual ScorerStatistics? Save() => null;

    /// <summary>Takes up what was learnt from a conversation, in place of what is known.</summary>
    /// <param name="saved">
    /// What <see cref="Save"/> gave; null for nothing. Where it comes from a file, which anyone may have written, it is of as many heads as
    /// the cache has
    /// and all numbers are finite; nothing else is sure.
    /// </param>
    public virtual void Restore(ScorerStatistics? saved)
    {
    }

    /// <summary>Forgets what was learnt from the conversation: another begins.</summary>
    public virtual void Reset()
    {
    }
}
