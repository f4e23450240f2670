using System.Globalization;
using KvNorm.Evaluation.Tasks;

namespace KvNorm.Evaluation;

/// <summary>
/// Who decides what of a conversation stays, and whether what was evicted comes back for a question.
/// </summary>
public sealed record EvaluationArm
{
    private const string FullName = "full", DropOldestName = "drop-oldest", ContextShiftName = "context-shift", PassageName = "passage";
    private const string OnceSuffix = "-once", SkipSuffix = "-skip", RaritySuffix = "-rarity";
    private const int MaximumSkip = 64; // layers
    private const double MaximumRarity = 100; // EvictionPolicy's own

    private EvaluationArm(string name, EvaluationArmKind kind, EvictionPolicy? policy) => (Name, Kind, Policy) = (name, kind, policy);

    /// <summary>Gets the names of the arms that are no policy: two ceilings, and what is done today without one.</summary>
    public static IReadOnlyList<string> BaselineNames { get; } = [FullName, PassageName, DropOldestName, ContextShiftName, MarkScorer.Name];

    /// <summary>Gets a cache that holds everything: the ceiling.</summary>
    public static EvaluationArm Full { get; } = new(FullName, EvaluationArmKind.Full, null);

    /// <summary>Gets the name, such as "salience", "keydiff+sentence", "keynorm/all", "salience-recall" or "drop-oldest".</summary>
    public string Name { get; private init; }

    /// <summary>Gets what the arm does.</summary>
    public EvaluationArmKind Kind { get; }

    /// <summary>Gets the policy; null where none decides.</summary>
    public EvictionPolicy? Policy { get; private init; }

    /// <summary>Gets whether what was evicted of the sentences that a question asks for comes back before it is answered.</summary>
    public bool Recalls { get; private init; }

    /// <summary>Gets whether the arm is the same whatever share is kept.</summary>
    internal bool HasNoShare => Kind is EvaluationArmKind.Full or EvaluationArmKind.Passage;

    /// <summary>Gets whether the arm has a meaning only where a text is read message by message.</summary>
    internal bool NeedsMessages => Kind is EvaluationArmKind.PolicyOnce or EvaluationArmKind.Passage || Recalls;

    /// <summary>
    /// Reads "policy", "policy+spans", "policy/granularity", both in this order, or the name of a baseline. Behind a policy may stand
    /// "-recall", "-once" (no second compression), "-skip2" (the first layers, any number, are not scored), "-rarity0" (the weight of how
    /// rare words are, any number) and "-punctuation" (that which is repeated does not go first).
    /// </summary>
    /// <param name="text">Spans: none, sentence, neighbours9 or chunk20 (any number). Granularity: head, layer or all.</param>
    /// <exception cref="FormatException">There is no such policy; the message lists what there is.</exception>
    public static EvaluationArm Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string name = text.Trim().ToLowerInvariant();
        switch (name)
        {
            case FullName:
                return Full;
            case PassageName:
                return new EvaluationArm(name, EvaluationArmKind.Passage, null);
            case DropOldestName:
                return new EvaluationArm(name, EvaluationArmKind.DropOldest, null);
            case MarkScorer.Name:
                return new EvaluationArm(name, EvaluationArmKind.Marks, null);
            case ContextShiftName: // llama.cpp's own: whole cells, the older half of those behind the first n_keep, which is 0 unless set
                return new EvaluationArm(
                    name,
                    EvaluationArmKind.ContextShift,
                    EvictionPolicy.Named("recency") with { Granularity = EvictionGranularity.All, Sinks = 0 });
        }

        if (Changed(name, text) is { } changed)
            return changed;
        string[] byGranularity = name.Split('/', 2), bySpans = byGranularity[0].Split('+', 2);
        if (!EvictionPolicy.Names.Contains(bySpans[0], StringComparer.Ordinal))
            throw Unknown(text);
        EvictionPolicy policy = EvictionPolicy.Named(bySpans[0]);
        if (bySpans.Length == 2)
            policy = policy with { Spans = ReadSpans(bySpans[1]) ?? throw Unknown(text) };
        if (byGranularity.Length == 2)
            policy = policy with { Granularity = ReadGranularity(byGranularity[1]) ?? throw Unknown(text) };
        return new EvaluationArm(name, EvaluationArmKind.Policy, policy);
    }

    /// <summary>The policy of a cache from which all of some arms can start: it reads the attention that any of them looks at.</summary>
    internal static EvictionPolicy ReadingFor(IEnumerable<EvaluationArm> arms) =>
        arms.Select(static arm => arm.Policy).OfType<EvictionPolicy>().Prepend(EvictionPolicy.Salience)
            .MaxBy(static policy => policy.CreateScorer(1).AttentionWindow)!;

    /// <summary>The arm with another recent window.</summary>
    /// <param name="share">Share of the kept rows.</param>
    internal EvaluationArm WithRecentWindow(double? share) =>
        share is { } window && Kind == EvaluationArmKind.Policy ? this with { Policy = Policy! with { RecentWindow = window } } : this;

    /// <summary>The policy for one item: what is drawn by chance is drawn anew for each, so that no single draw decides.</summary>
    /// <param name="request">The item.</param>
    /// <param name="tokens">The tokens of its text.</param>
    internal EvictionPolicy PolicyFor(ItemRequest request, IReadOnlyList<int> tokens) => Kind switch
    {
        EvaluationArmKind.Marks => MarkScorer.PolicyFor(request.Model, tokens),
        EvaluationArmKind.Full or EvaluationArmKind.Passage or EvaluationArmKind.DropOldest => EvictionPolicy.Salience, // decides nothing
        _ => Policy! with { Seed = request.ItemSeed },
    };

    // What stands behind the last dash, if it is a change; the names of some policies have dashes, too.
    private static EvaluationArm? Changed(string name, string text)
    {
        int dash = Math.Max(0, name.LastIndexOf('-'));
        string suffix = name[dash..];
        Func<EvaluationArm, EvaluationArm?>? change = suffix switch
        {
            OnceSuffix => Once,
            "-recall" => static arm => arm.Recalls ? null : arm with { Recalls = true },
            "-punctuation" => static arm => arm with { Policy = arm.Policy! with { DemotesRepeatedPunctuation = false } },
            _ when ReadRarity(suffix) is { } weight => arm => arm with { Policy = arm.Policy! with { RarityWeight = weight } },
            _ when ReadSkip(suffix) is { } layers => arm => arm with { Policy = arm.Policy! with { SkippedLayers = layers } },
            _ => null,
        };
        if (change is null)
            return null;
        EvaluationArm arm = Parse(name[..dash]);
        return arm.Kind == EvaluationArmKind.Policy && change(arm) is { } changed ? changed with { Name = name } : throw Unknown(text);
    }

    // Nothing is recent in a message that is compressed on its own.
    private static EvaluationArm? Once(EvaluationArm arm)
    {
        if (arm.Recalls)
            return null;
        EvictionPolicy inner = arm.Policy!;
        EvictionPolicy once = EvictionPolicy.Custom(
            inner.Name + OnceSuffix, context => new OnceScorer(inner.CreateScorer(context.HeadCount)), inner.Spans);
        return new EvaluationArm(
            inner.Name,
            EvaluationArmKind.PolicyOnce,
            once with
            {
                Granularity = inner.Granularity,
                SkippedLayers = inner.SkippedLayers,
                DemotesRepeatedPunctuation = inner.DemotesRepeatedPunctuation,
                RarityWeight = inner.RarityWeight,
                RecentWindow = 0,
            });
    }

    private static IReadOnlyList<int>? ReadSkip(string suffix) =>
        suffix.StartsWith(SkipSuffix, StringComparison.Ordinal)
        && int.TryParse(suffix.AsSpan(SkipSuffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int layers)
        && layers is > 0 and <= MaximumSkip
            ? [.. Enumerable.Range(0, layers)]
            : null;

    private static double? ReadRarity(string suffix) =>
        suffix.StartsWith(RaritySuffix, StringComparison.Ordinal)
        && double.TryParse(
            suffix.AsSpan(RaritySuffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double weight)
        && weight is >= 0 and <= MaximumRarity
            ? weight
            : null;

    private static EvictionGranularity? ReadGranularity(string text) => text switch
    {
        "head" => EvictionGranularity.Head,
        "layer" => EvictionGranularity.Layer,
        "all" => EvictionGranularity.All,
        _ => null,
    };

    private static TokenSpans? ReadSpans(string text)
    {
        const string neighbours = "neighbours", chunk = "chunk";
        return text switch
        {
            "none" => TokenSpans.None,
            "sentence" => TokenSpans.Sentence,
            _ when Number(neighbours) is { } count => TokenSpans.Neighbours(count),
            _ when Number(chunk) is { } count => TokenSpans.Chunks(count),
            _ => null,
        };

        int? Number(string prefix) =>
            text.StartsWith(prefix, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number is > 0 and <= 1024
                ? number
                : null;
    }

    private static FormatException Unknown(string text) => new(
        $"There is no policy '{text}'; there are {string.Join(", ", BaselineNames.Concat(EvictionPolicy.Names))}, each policy also with "
        + "spans (+none, +sentence, +neighbours9, +chunk20), a granularity (/head, /layer, /all), and -recall, -once, "
        + "-skip2, -rarity0 (any weight) or -punctuation behind it.");
}
