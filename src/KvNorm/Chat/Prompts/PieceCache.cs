using System.Runtime.InteropServices;

namespace KvNorm.Chat.Prompts;

/// <summary>
/// Which tokens a piece of text between two special tokens became, so that nothing is tokenised twice. Bounded: pieces not asked for in a
/// while are forgotten. Safe for concurrent use.
/// </summary>
internal sealed class PieceCache
{
    /// <summary>The hash of no tokens.</summary>
    public const ulong Seed = 14695981039346656037;

    /// <summary>Characters held before the older half is dropped: some thousand messages.</summary>
    private const int MaximumCharacters = 4 << 20;

    private readonly Lock _gate = new();
    private Dictionary<(ulong Before, string Text), int[]> _young = [], _old = [];
    private long _characters;

    /// <summary>The tokens of a piece.</summary>
    /// <param name="before">The hash of all tokens before it; 0 for the piece anywhere.</param>
    /// <param name="text">The piece.</param>
    /// <returns>Null when it is not known.</returns>
    public int[]? Find(ulong before, string text)
    {
        lock (_gate)
        {
            if (_young.TryGetValue((before, text), out int[]? tokens))
                return tokens;
            if (_old.TryGetValue((before, text), out tokens))
                Put(before, text, tokens);
            return tokens;
        }
    }

    public void Add(ulong before, string text, int[] tokens)
    {
        lock (_gate)
            Put(before, text, tokens);
    }

    /// <summary>A hash that changes with every token (FNV-1a over their numbers).</summary>
    public static ulong Hash(ulong before, ReadOnlySpan<int> tokens)
    {
        const ulong prime = 1099511628211;
        foreach (byte value in MemoryMarshal.AsBytes(tokens))
            before = unchecked((before ^ value) * prime);
        return before;
    }

    private void Put(ulong before, string text, int[] tokens)
    {
        if (_characters > MaximumCharacters)
            (_old, _young, _characters) = (_young, [], 0);
        _young[(before, text)] = tokens;
        _characters += text.Length;
    }
}
