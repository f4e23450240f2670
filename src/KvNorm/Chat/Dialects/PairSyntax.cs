namespace KvNorm.Chat.Dialects;

/// <summary>How names of arguments and their values stand in the brackets of a call.</summary>
/// <param name="Open">What stands before the first of them.</param>
/// <param name="Middle">What stands between a name and its value.</param>
/// <param name="Separator">What stands between two of them.</param>
/// <param name="Close">What stands after the last of them.</param>
internal sealed record PairSyntax(string Open, string Middle, string Separator, string Close)
{
    /// <summary>Calls as Python has them.</summary>
    public static readonly PairSyntax Python = new("(", "=", ", ", ")");

    /// <summary>Gets what stands around text in values; empty where text is written as in JSON.</summary>
    public string TextQuote { get; init; } = "";
}
