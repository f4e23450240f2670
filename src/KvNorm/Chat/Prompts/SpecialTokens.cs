using System.Buffers;
using KvNorm.Runtime;

namespace KvNorm.Chat.Prompts;

/// <summary>Finds special tokens in a template's own text. From the moment it is made no other text becomes one of them.</summary>
internal sealed class SpecialTokens
{
    private readonly SearchValues<char> _beginnings;
    private readonly Dictionary<char, (string Text, int Token)[]> _byBeginning;

    /// <summary>Lists the control tokens of a vocabulary, and those user-defined ones that a template writes.</summary>
    public SpecialTokens(LlamaVocabulary vocabulary, string template)
    {
        All = vocabulary.ReserveSpecial(text => template.Contains(text, StringComparison.Ordinal));
        _byBeginning = All
            .GroupBy(entry => entry.Text[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(entry => entry.Text.Length).ToArray());
        _beginnings = SearchValues.Create([.. _byBeginning.Keys]);
    }

    /// <summary>Gets all of them.</summary>
    public IReadOnlyList<(string Text, int Token)> All { get; }

    /// <summary>The first special token in some text, the longest of those that begin there.</summary>
    /// <returns>Where it is, its length, and its number; a length of 0 when there is none.</returns>
    public (int Start, int Length, int Token) FindFirst(ReadOnlySpan<char> text)
    {
        for (int at = 0, step; (step = text[at..].IndexOfAny(_beginnings)) >= 0; at += step + 1)
        {
            int start = at + step;
            foreach ((string special, int token) in _byBeginning[text[start]])
            {
                if (text[start..].StartsWith(special, StringComparison.Ordinal))
                    return (start, special.Length, token);
            }
        }

        return (text.Length, 0, -1);
    }
}
