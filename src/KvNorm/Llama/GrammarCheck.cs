namespace KvNorm.Llama;

/// <summary>What llama.cpp's parser of grammars does not look at before it recurses or allocates.</summary>
internal static class GrammarCheck
{
    /// <summary>Characters of a grammar; what is repeated in it takes up to 16,000 times as many bytes.</summary>
    public const int MostCharacters = 1 << 18;

    /// <summary>Groups within groups: the parser recurses.</summary>
    public const int DeepestGroup = 100;

    /// <summary>Looks at a grammar before it is parsed.</summary>
    /// <exception cref="ArgumentException">llama.cpp cannot take it.</exception>
    public static void Verify(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw new ArgumentException("The grammar is empty.", nameof(text));
        if (text.Length > MostCharacters)
            throw new ArgumentException($"The grammar has {text.Length} characters; {MostCharacters} are the most.", nameof(text));
        if (text.Contains('\0'))
            throw new ArgumentException("The grammar has the character U+0000, which ends it in llama.cpp.", nameof(text));
        VerifyGroups(text);
    }

    private static void VerifyGroups(string text)
    {
        int depth = 0;
        for (int i = 0; i < text.Length; i++)
        {
            i = text[i] switch
            {
                '"' => EndOf(text, i, '"'),
                '[' => EndOf(text, i, ']'),
                '#' => EndOfLine(text, i),
                _ => i,
            };
            if (i >= text.Length)
                return; // llama.cpp says what is wrong
            depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
            if (depth > DeepestGroup)
                throw new ArgumentException($"The grammar has groups within groups {depth} deep at character {i}; {DeepestGroup} is the most.", nameof(text));
        }
    }

    private static int EndOf(string text, int start, char end)
    {
        int i = start + 1;
        while (i < text.Length && text[i] != end)
            i += text[i] == '\\' ? 2 : 1;
        return i;
    }

    private static int EndOfLine(string text, int start)
    {
        int end = text.AsSpan(start).IndexOfAny('\r', '\n');
        return end < 0 ? text.Length : start + end;
    }
}
