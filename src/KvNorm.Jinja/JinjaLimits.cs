namespace KvNorm.Jinja;

/// <summary>How much a template may use. Templates come from untrusted files.</summary>
public sealed record JinjaLimits
{
    /// <summary>Gets the limits that hold where a caller gives none: real chat templates render long conversations within them.</summary>
    public static JinjaLimits Default { get; } = new();

    /// <summary>Gets the maximum length of a template, in characters; the longest real ones have 20,000.</summary>
    public int MaxSourceLength { get; init; } = 1 << 20;

    /// <summary>Gets how deep blocks, brackets and operators may nest in a template.</summary>
    public int MaxParseDepth { get; init; } = 200;

    /// <summary>Gets how deep evaluation may nest: expressions, blocks and macro calls together, and values inside values.</summary>
    public int MaxDepth { get; init; } = 1000;

    /// <summary>
    /// Gets the maximum number of steps of a render. A node, a list item or 32 characters built or looked at are a step, and take up to
    /// 100 bytes of memory.
    /// </summary>
    public long MaxSteps { get; init; } = 5_000_000;

    /// <summary>Gets the maximum length of a text that a template may build, its output included, in characters.</summary>
    public int MaxTextLength { get; init; } = 1 << 24;

    /// <summary>Gets the maximum number of items of a list that a template may build.</summary>
    public int MaxListLength { get; init; } = 1 << 20;
}
