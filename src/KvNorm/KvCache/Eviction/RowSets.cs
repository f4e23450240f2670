using KvNorm.KvCache.State;

namespace KvNorm.KvCache.Eviction;

/// <summary>
/// The (layer, head) pairs of a cache in sets that hold the same rows: as many sets as pairs where each chooses for itself, one where whole
/// cells leave.
/// Everything that chooses, counts or writes down rows does so per set.
/// </summary>
internal sealed class RowSets
{
    private readonly RowSet[] _sets;
    private readonly int[] _setOf;   // (heads)
    private readonly bool[] _scores; // (heads)

    public RowSets(params RowSet[] sets)
    {
        _sets = sets;
        _setOf = new int[sets.Sum(static set => set.Heads.Count)];
        _scores = new bool[_setOf.Length];
        for (int set = 0; set < sets.Length; set++)
        {
            foreach (int head in sets[set].Heads)
                _setOf[head] = set;
            foreach (int head in sets[set].Scoring)
                _scores[head] = true;
        }
    }

    public int Count => _sets.Length;

    /// <summary>Gets the (layer, head) pairs of all sets.</summary>
    public int HeadCount => _setOf.Length;

    public RowSet this[int set] => _sets[set];

    /// <summary>The sets of a cache whose rows can be chosen per layer and head.</summary>
    public static RowSets ByGranularity(CacheGeometry geometry, EvictionPolicy policy) => Group(geometry, policy, policy.Granularity switch
    {
        EvictionGranularity.Head => static head => head,
        EvictionGranularity.Layer => geometry.LayerOf,
        _ => head => policy.SkippedLayers.Contains(geometry.LayerOf(head)) ? 1 : 0, // skipped layers keep other rows than the rest
    });

    /// <summary>The one set of a cache that only gives up whole cells.</summary>
    public static RowSets OfWholeCells(CacheGeometry geometry, EvictionPolicy policy) => Group(geometry, policy, static _ => 0);

    public int SetOf(int head) => _setOf[head];

    /// <summary>Whether a head's scores count.</summary>
    public bool IsScoring(int head) => _scores[head];

    private static RowSets Group(CacheGeometry geometry, EvictionPolicy policy, Func<int, int> key) => new(
    [
        .. Enumerable.Range(0, geometry.HeadCount).GroupBy(key).Select(heads =>
            new RowSet([.. heads], [.. heads.Where(head => !policy.SkippedLayers.Contains(geometry.LayerOf(head)))])),
    ]);
}
