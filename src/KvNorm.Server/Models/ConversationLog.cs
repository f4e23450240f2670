using Microsoft.Extensions.AI;

namespace KvNorm.Server.Models;

/// <summary>
/// What happened lately in the named conversations of a model, for a page that shows it: evictions, recalls, the speed of the last answer.
/// Bounded; safe for concurrent use.
/// </summary>
internal sealed class ConversationLog(TimeProvider time)
{
    private const int MaximumConversations = 1000; // as many as the chat client keeps by default
    private const int MaximumEvents = 256; // of a conversation

    private readonly Lock _gate = new();
    private readonly OrderedDictionary<string, Entry> _entries = new(StringComparer.Ordinal); // the last used at the end

    /// <summary>An answer is complete.</summary>
    /// <param name="conversation">The conversation; null for one without a name, of which nothing is kept.</param>
    /// <param name="usage">What the answer took; null where that is not known.</param>
    public void Add(string? conversation, UsageDetails? usage)
    {
        if (conversation is null || usage is null)
            return;
        lock (_gate)
        {
            Entry entry = _entries.Remove(conversation, out Entry? known) ? known : new Entry();
            _entries.Add(conversation, entry);
            if (_entries.Count > MaximumConversations)
                _entries.RemoveAt(0);
            entry.Add(usage, time.GetUtcNow(), MaximumEvents);
        }
    }

    /// <summary>What happened in a conversation, in order, and the tokens a second of its last answer; null where not known.</summary>
    public (IReadOnlyList<ConversationEvent> Events, double? TokensPerSecond) Read(string conversation)
    {
        lock (_gate)
            return _entries.TryGetValue(conversation, out Entry? entry) ? ([.. entry.Events], entry.TokensPerSecond) : ([], null);
    }

    /// <summary>Forgets a conversation.</summary>
    public void Remove(string conversation)
    {
        lock (_gate)
            _entries.Remove(conversation);
    }

    private sealed class Entry
    {
        public Queue<ConversationEvent> Events { get; } = [];

        public double? TokensPerSecond { get; private set; }

        public void Add(UsageDetails usage, DateTimeOffset now, int maximum)
        {
            if (Count(usage, KvNormUsage.Evictions) is > 0 and { } evictions)
                Events.Enqueue(ConversationEvent.Eviction(
                    now, evictions, Count(usage, KvNormUsage.EvictedRows), Count(usage, KvNormUsage.EvictionMilliseconds)));
            if (Count(usage, KvNormUsage.Recalls) is > 0 and { } recalls)
                Events.Enqueue(ConversationEvent.Recall(
                    now, recalls, Count(usage, KvNormUsage.RecalledTokens), Count(usage, KvNormUsage.RecallMilliseconds)));
            while (Events.Count > maximum)
                Events.Dequeue();
            if (Count(usage, KvNormUsage.DecodeMilliseconds) is > 0 and { } milliseconds)
                TokensPerSecond = 1000.0 * (usage.OutputTokenCount ?? 0) / milliseconds;
        }

        private static long Count(UsageDetails usage, string name) => usage.AdditionalCounts?.GetValueOrDefault(name) ?? 0;
    }
}
