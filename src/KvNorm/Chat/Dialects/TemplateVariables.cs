using System.Text.RegularExpressions;

namespace KvNorm.Chat.Dialects;

/// <summary>Which variables a chat template reads.</summary>
internal static partial class TemplateVariables
{
    /// <summary>
    /// Whether a variable's name stands in the code of a template: not in its text, its strings or its comments, and not as an attribute.
    /// </summary>
    public static bool Uses(string template, string name)
    {
        foreach (Match code in Code().Matches(template))
        {
            if (code.Value[1] != '#' && Reads(code.Value, name))
                return true;
        }

        return false;
    }

    private static bool Reads(string code, string name)
    {
        foreach (Match word in Words().Matches(code))
        {
            if (word.ValueSpan.SequenceEqual(name))
                return true;
        }

        return false;
    }

    // Comments are matched so that code inside them is passed over.
    [GeneratedRegex(
        @"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Code();

    [GeneratedRegex(
        @"'(\\.|[^'\\])*'|""(\\.|[^""\\])*""|\.\s*\w+|\w+",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Words();
}
