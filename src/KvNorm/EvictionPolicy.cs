using System.ComponentModel;
using KvNorm.Hosting;
using KvNorm.KvCache.Scoring;

namespace KvNorm;

/// <summary>
/// Which rows stay when the cache is full. Whatever the policy, the system prompt, the first tokens, the user's first message where it is
/// short, the recent window and the message being answered stay.
/// </summary>
[TypeConverter(typeof(PolicyConverter))]
public sealed record EvictionPolicy
{
    private const int MaximumNameLength = 64;
    private const double MaximumRarityWeight = 100; // the text alone decides
    private const double MaximumWindow = 0.75; // of the kept rows, to cover a sliding window: the rest needs some, too

    // One row per policy: its name, its scorer and how text hangs together for it. CONTRIBUTING.md says how to add one.
    private static readonly EvictionPolicy[] Table =
    [
        new("salience", static context => new SalienceScorer(context.HeadCount), TokenSpans.Sentence)
        {
            DemotesRepeatedPunctuation = true,
            RarityWeight = 1,
        },
        new("keynorm", static _ => new KeyNormScorer(keepHigh: false), TokenSpans.None),
        new("keynorm-high", static _ => new KeyNormScorer(keepHigh: true), TokenSpans.None),
        new("keydiff", static _ => new KeyDiffScorer(), TokenSpans.None),
        new("manifoldkv", static _ => new ManifoldKvScorer(), TokenSpans.None),
        new("lagkv", static _ => new LagKvScorer(), TokenSpans.None),
        new("cur", static _ => new CurScorer(), TokenSpans.None),
        new("snapkv", static context => new SnapKvScorer(context.HeadCount), TokenSpans.None),
        new("h2o", static context => new H2oScorer(context.HeadCount), TokenSpans.None),
        new("valuenorm", static _ => new ValueNormScorer(), TokenSpans.None),
        new("recency", static _ => new RecencyScorer(), TokenSpans.None),
        new("random", static context => new RandomScorer(context.Seed), TokenSpans.None),
    ];

    private readonly Func<KeyScorerContext, KeyScorer> _scorer;

    private EvictionPolicy(string name, Func<KeyScorerContext, KeyScorer> scorer, TokenSpans spans) =>
        (Name, _scorer, Spans) = (name, scorer, spans);

    /// <summary>Gets the names of all built-in policies.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Select(static policy => policy.Name)];

    /// <summary>Gets the default: distinctive keys with strong values and rare words, by sentences.</summary>
    public static EvictionPolicy Salience => Named("salience");

    /// <summary>Gets the name.</summary>
    public string Name { get; }

    /// <summary>Gets who shares one set of kept rows.</summary>
    public EvictionGranularity Granularity { get; init; } = EvictionGranularity.Head;

    /// <summary>Gets over what scores are averaged.</summary>
    public TokenSpans Spans { get; init; }

    /// <summary>Gets the most recent rows that always stay, as a share of the rows kept.</summary>
    public double RecentWindow { get; init; } = 0.25;

    /// <summary>
    /// Gets the first tokens that always stay: models put attention there that has nowhere else to go (arXiv 2309.17453).
    /// </summary>
    public int Sinks { get; init; } = 4;

    /// <summary>
    /// Gets whether punctuation and white space that came before in the conversation goes first, whatever its score: attention takes it
    /// for a place to rest, so its keys stand out, and what it says is said by the first of its kind (NVIDIA kvpress, pull request 288).
    /// What stands in the middle of a word or number, such as the hyphens of a date, is part of that, and so is what stands behind a number:
    /// without its end, answers go on with more digits.
    /// </summary>
    public bool DemotesRepeatedPunctuation { get; init; }

    /// <summary>
    /// Gets the weight of how rare in the conversation the words are, beside the scores of the cache, both in standard deviations; 0 for
    /// none. Where all scores are equal, rarity alone decides; what a scorer puts above or below all others stays there. The cache says
    /// what a head makes of a token, and the text that a word was said only once, so that nothing else stands for it: the self-information
    /// of the word among all words so far. Where what was evicted comes back (<see cref="KvNormChatOptions.Recall"/>), only the newest
    /// message and what follows it counts so: what was said before is found by its rare words when it is asked for, and pieces of it that
    /// are held are in the way. In lists and tables without the common words of a language (the, of) rarity does not count: what is said
    /// most often there is what the text is about. Measured in docs/experiments.md.
    /// </summary>
    public double RarityWeight { get; init; }

    /// <summary>
    /// Gets the layers, counted from 0, that are not scored and keep their most recent rows; none unless set. The paper of "keynorm" (arXiv
    /// 2406.11430) leaves 0 and 1 as they are.
    /// </summary>
    public IReadOnlyList<int> SkippedLayers { get; init; } = [];

    /// <summary>Gets the seed of policies that choose by chance, such as "random".</summary>
    public int Seed { get; init; }

    /// <summary>The built-in policy of a name, with its defaults.</summary>
    /// <param name="name">One of <see cref="Names"/>, in any case.</param>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    public static EvictionPolicy Named(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Find(name) is { } row
            ? row with { } // never the table's own: Microsoft's binder writes into the object that it finds
            : throw new ArgumentException($"There is no eviction policy '{name}'; there are {string.Join(", ", Names)}.", nameof(name));
    }

    /// <summary>A policy of a scorer of one's own, with the defaults of the built-in ones.</summary>
    /// <param name="name">
    /// A name of its own, at most 64 characters. A saved conversation carries it: what the scorer has learnt is only given to a policy of
    /// the same name.
    /// </param>
    /// <param name="scorer">Makes a scorer for one conversation. Called several times, from any thread.</param>
    /// <param name="spans">Over what scores are averaged; null for each token alone.</param>
    /// <exception cref="ArgumentException">The name is empty, too long, or that of a built-in policy.</exception>
    public static EvictionPolicy Custom(string name, Func<KeyScorerContext, KeyScorer> scorer, TokenSpans? spans = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(scorer);
        if (name.Length > MaximumNameLength || Find(name) is not null)
            throw new ArgumentException($"'{name}' is built in, or longer than {MaximumNameLength} characters.", nameof(name));
        return new EvictionPolicy(name, scorer, spans ?? TokenSpans.None);
    }

    /// <summary>
    /// A scorer for one conversation, by this policy's method: for a <see cref="Custom"/> policy that builds on it. Its own scorer must
    /// want to see what this one looks at: keys, values, attention.
    /// </summary>
    /// <param name="headCount">(layer, KV head) pairs of the cache: its layers times the KV heads of each.</param>
    /// <exception cref="InvalidOperationException">The application's function gave none.</exception>
    public KeyScorer CreateScorer(int headCount) =>
        _scorer(new KeyScorerContext(headCount, Seed))
        ?? throw new InvalidOperationException($"The function of the policy '{Name}' gave no scorer.");

    /// <summary>
    /// Rows of the recent window when <paramref name="kept"/> rows are kept; the last one always stays, for the next token follows it.
    /// </summary>
    internal int RecentRows(int kept) => Math.Max(1, (int)Math.Round(kept * RecentWindow));

    /// <summary>
    /// The policy with a recent window that covers what layers with a sliding window see, as far as there is room for that and more.
    /// </summary>
    /// <param name="slidingWindow">Tokens such a layer sees; 0 when there is none.</param>
    /// <param name="kept">Rows an eviction keeps.</param>
    internal EvictionPolicy WithWindowOver(int slidingWindow, int kept)
    {
        double window = Math.Min(MaximumWindow, (double)slidingWindow / kept);
        return window > RecentWindow ? this with { RecentWindow = window } : this;
    }

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Spans);
        ArgumentNullException.ThrowIfNull(SkippedLayers);
        ArgumentOutOfRangeException.ThrowIfNegative(Sinks);
        if (!(RarityWeight >= 0 && RarityWeight <= MaximumRarityWeight))
        {
            throw new ArgumentOutOfRangeException(
                nameof(RarityWeight), RarityWeight, $"A number of standard deviations: at least 0, at most {MaximumRarityWeight}.");
        }

        if (!(RecentWindow >= 0 && RecentWindow < 1))
            throw new ArgumentOutOfRangeException(nameof(RecentWindow), RecentWindow, "A share of the kept rows: at least 0, below 1.");
    }

    private static EvictionPolicy? Find(string name) =>
        Array.Find(Table, policy => policy.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
