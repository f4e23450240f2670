using System.Buffers;
using KvNorm.Runtime;

namespace KvNorm.Chat.Prompts;

/// <summary>Finds special tokens in a template's own text. From the moment it is made no other text becomes one of them.</summary>
internal sealed class SpecialTokens
{
    private readonly SearchValues<char> _beginnings;
    private readonly (string Text, int Token)[] _sorted; // so that those that begin alike stand together

    /// <summary>Lists the control tokens of a vocabulary, and those user-defined ones that a template writes.</summary>
    public SpecialTokens(LlamaVocabulary vocabulary, string template)
    {
        All = vocabulary.ReserveSpecial(text => template.Contains(text, StringComparison.Ordinal));
        _sorted = [.. All.OrderBy(static entry => entry.Text, StringComparer.Ordinal)];
        _beginnings = SearchValues.Create([.. All.Select(static entry => entry.Text[0]).Distinct()]);
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
            if (Longest(text[start..]) is { } found)
                return (start, found.Text.Length, found.Token);
        }

        return (text.Length, 0, -1);
    }

    // Character by character, among fewer and fewer: a vocabulary may have any number of them that begin in the same way.
    private (string Text, int Token)? Longest(ReadOnlySpan<char> text)
    {
        (string Text, int Token)? longest = null;
        int low = 0, high = _sorted.Length;
        for (int i = 0; i < text.Length && low < high; i++)
        {
            (low, high) = (FirstFrom(text[i], i, low, high), FirstFrom(text[i] + 1, i, low, high));
            if (low < high && _sorted[low].Text.Length == i + 1)
                longest = _sorted[low];
        }

        return longest;
    }

    // The first of some that begin alike whose character at an index is a given one or a later one. What ends before it comes first.
    private int FirstFrom(int character, int index, int low, int high)
    {
        while (low < high)
        {
            int middle = (low + high) / 2;
            string text = _sorted[middle].Text;
            if (index < text.Length && text[index] >= character)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
