namespace KvNorm.Tests.Gguf;

/// <summary>A kind of models, as docs/native.md lists them, in the form of a tiny one.</summary>
/// <param name="Name">What it is called in tests.</param>
/// <param name="Settings">The model.</param>
/// <param name="Mechanism">How rows leave its cache.</param>
/// <param name="Reason">A part of what is said of why.</param>
internal sealed record TinyKind(string Name, TinyModelSettings Settings, EvictionMechanism Mechanism, string Reason)
{
    private const string Measured = "RoPE was measured", Window = "sliding window move along", Recurrent = "recurrent state";

    public static readonly IReadOnlyList<TinyKind> All =
    [
        Rewritten("llama", Of("llama")),
        Rewritten("qwen2", Of("qwen2")),
        Rewritten("qwen3", Of("qwen3")),
        Rewritten("phi3", Of("phi3")),
        Rewritten("linear", Of("llama") with { LinearFactor = 4 }),
        Rewritten("factors", Of("llama") with { RopeFactors = [.. Enumerable.Range(1, 16).Select(static pair => (float)pair)] }),
        Rewritten("yarn", Of("llama") with { YarnFactor = 4, YarnOriginalLength = 512 }),
        Rewritten("partial", Of("stablelm") with { RotatedLength = 20 }),
        Rewritten("one-head", Of("llama") with { KeyValueHeads = 1 }),
        Rewritten("ungrouped", Of("qwen2") with { KeyValueHeads = 4 }),
        Rewritten("head-64", Of("llama") with { Heads = 2, KeyValueHeads = 1, HeadLength = 64 }),
        Rewritten("head-128", Of("qwen3") with { Heads = 2, KeyValueHeads = 1, HeadLength = 128 }),
        Rewritten("head-256", Of("llama") with { Heads = 2, KeyValueHeads = 1, HeadLength = 256 }),
        Rewritten("gemma3", Of("gemma3"), Window),
        Rewritten("gpt-oss", Of("gpt-oss"), Window),
        Rewritten("cohere2", Of("cohere2"), Window),
        PositionsKept("deepseek2", Of("deepseek2"), "differ from llama.cpp's"),
        PositionsKept("llama4", Of("llama4"), "in chunks"),
        WholeCells("lfm2", Recurrent),
        WholeCells("granitehybrid", Recurrent),
        WholeCells("qwen3next", Recurrent),
        WholeCells("qwen2vl", "position of several dimensions"),
        WholeCells("grok", "flash attention is off"),
        new("latent", Of("deepseek2") with { HasLatentCache = true }, EvictionMechanism.RemoveCells, "the state ends too soon"),
    ];

    /// <summary>Gets those whose rows are rewritten and renumbered.</summary>
    public static IEnumerable<TinyKind> Renumbered => All.Where(static kind => kind.Mechanism == EvictionMechanism.RewriteRows);

    /// <summary>Gets whether some layers, the first among them, have a cache of their own.</summary>
    public bool HasWindow => TinyArchitecture.Named(Settings.Architecture).HasWindow;

    public static TinyKind Named(string name) => All.Single(kind => kind.Name == name);

    private static TinyModelSettings Of(string architecture) => TinyModelSettings.Of(architecture);

    private static TinyKind Rewritten(string name, TinyModelSettings settings, string reason = Measured) =>
        new(name, settings, EvictionMechanism.RewriteRows, reason);

    private static TinyKind PositionsKept(string name, TinyModelSettings settings, string reason) =>
        new(name, settings, EvictionMechanism.RewriteRowsKeepingPositions, reason);

    private static TinyKind WholeCells(string name, string reason) => new(name, Of(name), EvictionMechanism.RemoveCells, reason);
}
