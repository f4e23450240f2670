namespace KvNorm;

/// <summary>
/// Says which rows of a head matter: one subclass per method. Heads are scored in parallel, each by one thread at a time,
/// so state must be kept per head. An instance belongs to one conversation.
/// </summary>
internal abstract class KeyScorer
{
    /// <summary>Whether the score looks at the keys.</summary>
    public virtual bool NeedsKeys => true;

    /// <summary>Whether the score looks at the values.</summary>
    public virtual bool NeedsValues => false;

    /// <summary>Scores every row of a head; the highest are kept.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="scores">Receives a score for each, (rows).</param>
    public abstract void Score(in HeadRows rows, Span<float> scores);

    /// <summary>A copy of what was learnt from the conversation; null when nothing is.</summary>
    public virtual ScorerStatistics? Save() => null;

    /// <summary>Takes up what was learnt from a conversation.</summary>
    public virtual void Restore(ScorerStatistics? saved)
    {
    }

    /// <summary>Forgets what was learnt from the conversation: another begins.</summary>
    public virtual void Reset()
    {
    }
}
