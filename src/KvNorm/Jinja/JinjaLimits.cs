namespace KvNorm.Jinja;

/// <summary>How much a template, which comes from an untrusted file, may use.</summary>
internal sealed record JinjaLimits
{
    public static JinjaLimits Default { get; } = new();

    /// <summary>Gets the longest template, in characters; the longest real ones have 20,000.</summary>
    public int MaxSourceLength { get; init; } = 1 << 20;

    /// <summary>Gets how deep blocks, brackets and operators may nest in a template.</summary>
    public int MaxParseDepth { get; init; } = 200;

    /// <summary>Gets how deep evaluation may nest: expressions, blocks and macro calls together, and values inside values.</summary>
    public int MaxDepth { get; init; } = 1000;

    /// <summary>Gets the steps of a render: a node, a list item or 32 characters built are a step, and take up to 100 bytes of memory.</summary>
    public long MaxSteps { get; init; } = 5_000_000;

    /// <summary>Gets the longest text a template may build, its output included, in characters.</summary>
    public int MaxTextLength { get; init; } = 1 << 24;

    /// <summary>Gets the longest list a template may build.</summary>
    public int MaxListLength { get; init; } = 1 << 20;
}
