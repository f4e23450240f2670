using KvNorm.Evaluation.Models;

namespace KvNorm.Evaluation.Tasks;

/// <summary>
/// Leaves a cache for each arm as it is after an item's text. Where that is one eviction, all arms start from one prefill.
/// </summary>
/// <param name="request">The item's request.</param>
/// <param name="item">The item.</param>
/// <param name="mode">When rows are evicted.</param>
/// <param name="policy">The policy of the cache that is shared: one that looks at as much attention as any arm.</param>
/// <param name="cancellationToken">Stops the work.</param>
internal sealed class RetrievalCaches(
    ItemRequest request, RetrievalItem item, RetrievalMode mode, EvictionPolicy policy, CancellationToken cancellationToken)
    : IDisposable
{
    private EvaluationCache? _whole;

    /// <summary>The cache that an arm comes to, with nothing asked yet.</summary>
    /// <param name="arm">The arm.</param>
    /// <param name="probe">What will be asked, which only the arm that reads nothing else looks at.</param>
    /// <exception cref="InvalidOperationException">The arm evicted nothing: it was compared with itself.</exception>
    public OpenedCache Open(ArmShare arm, Probe probe)
    {
        if (arm.Arm.Kind == EvaluationArmKind.Full)
            return new OpenedCache(Whole().Fork(EvictionPolicy.Salience), item.Segments);
        if (arm.Arm.Kind == EvaluationArmKind.Passage)
            return Read([.. item.Segments.Take(item.HeadSegments), .. probe.Evidence]);
        if (arm.Arm.Kind == EvaluationArmKind.DropOldest)
            return DropOldest(arm.Rows(item.Length));
        EvaluationCache cache = mode == RetrievalMode.Once ? EvictOnce(arm)
            : arm.Arm.Kind == EvaluationArmKind.PolicyOnce ? EvictEachSegment(arm)
            : Stream(arm);
        if (cache.Evictions > 0)
            return new OpenedCache(cache, item.Segments);
        cache.Dispose();
        throw new InvalidOperationException($"Nothing was evicted at a share of {arm.Share} of {item.Length} tokens.");
    }

    /// <summary>The cells that the cache of an arm must be able to hold.</summary>
    public static int CellsOf(RetrievalItem item, ArmShare arm) => arm.Arm.Kind switch
    {
        EvaluationArmKind.Full or EvaluationArmKind.DropOldest => arm.Rows(item.Length) + item.ProbeTokens,
        EvaluationArmKind.PolicyOnce => item.PinnedTokens + arm.Rows(item.Length) + item.ProbeTokens,
        EvaluationArmKind.Passage => TokensOf(item.Segments.Take(item.HeadSegments)) + item.ProbeTokens
            + item.Probes.Max(static probe => TokensOf(probe.Evidence)),
        _ => arm.Rows(item.Length), // in which the question is evicted for, too
    };

    public void Dispose() => _whole?.Dispose();

    private static int TokensOf(IEnumerable<Segment> segments) => segments.Sum(static segment => segment.Tokens.Length);

    private EvaluationCache Whole()
    {
        if (_whole is null)
        {
            _whole = request.Model.Create(item.Length + item.ProbeTokens, policy);
            _whole.Prefill(item.Tokens, cancellationToken);
        }

        return _whole;
    }

    private EvaluationCache EvictOnce(ArmShare arm)
    {
        EvaluationCache cache = Whole().Fork(arm.Arm.PolicyFor(request, item.Tokens));
        Pin(cache, arm.Arm);
        (int keep, int minimum) = (arm.Rows(item.Length), cache.MinimumKeep);
        if (keep < minimum)
        {
            cache.Dispose();
            throw new ArgumentException(
                $"A share of {arm.Share} of {item.Length} tokens is {keep} rows, and what always stays takes {minimum}: keep more, or make "
                + "items longer.");
        }

        cache.Evict(keep);
        return cache;
    }

    private EvaluationCache Stream(ArmShare arm)
    {
        EvaluationCache cache = request.Model.Create(arm.Rows(item.Length), arm.Arm.PolicyFor(request, item.Tokens));
        Pin(cache, arm.Arm);
        foreach (Segment segment in item.Segments)
        {
            if (arm.Arm.Recalls && segment.BeginsMessage)
                cache.BeginMessage();
            cache.Prefill(segment.Tokens, cancellationToken);
        }

        return cache;
    }

    // In the end it holds the share of every message, and the system prompt beside that. An eviction must have a choice, so of the
    // first messages more may stay.
    private EvaluationCache EvictEachSegment(ArmShare arm)
    {
        EvaluationCache cache = request.Model.Create(item.Length + item.ProbeTokens, arm.Arm.PolicyFor(request, item.Tokens));
        cache.PinPrefix(item.PinnedTokens);
        foreach (Segment segment in item.Segments)
        {
            int before = cache.Cells;
            cache.Prefill(segment.Tokens, cancellationToken);
            int keep = Math.Max(before + arm.Rows(segment.Tokens.Length), cache.MinimumKeep);
            if (before > 0 && keep < cache.Cells)
                cache.Evict(keep);
        }

        return cache;
    }

    private OpenedCache DropOldest(int rows)
    {
        Segment[] head = [.. item.Segments.Take(item.HeadSegments)];
        int room = rows - TokensOf(head);
        List<Segment> latest = [];
        foreach (Segment segment in item.Segments.Skip(item.HeadSegments).Reverse())
        {
            room -= segment.Tokens.Length;
            if (room < 0)
                break;
            latest.Insert(0, segment);
        }

        return Read([.. head, .. latest]);
    }

    private OpenedCache Read(Segment[] kept)
    {
        int[] tokens = [.. kept.SelectMany(static segment => segment.Tokens)];
        EvaluationCache cache = request.Model.Create(tokens.Length + item.ProbeTokens, EvictionPolicy.Salience);
        cache.Prefill(tokens, cancellationToken);
        return new OpenedCache(cache, kept);
    }

    // llama-server keeps the token that begins every text, whatever n_keep is.
    private void Pin(EvaluationCache cache, EvaluationArm arm)
    {
        if (arm.Kind == EvaluationArmKind.ContextShift)
            cache.PinPrefix(new TurnWriter(request.Model).Begin().Length);
        else
            cache.PinPrefix(item.PinnedTokens, item.FirstMessageTokens);
    }
}
