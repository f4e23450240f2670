using System.Text.RegularExpressions;
using KvNorm.Evaluation.Models;

namespace KvNorm.Evaluation.Tests.Models;

/// <summary>A model whose tokens are words and whose answers a test writes.</summary>
internal sealed partial class ScriptedModel(Func<string, string>? answer = null, int trainedLength = 0, params string[] specials)
    : EvaluationModel
{
    public const int Vocabulary = 8192;

    private readonly List<string> _words = [.. specials];

    public override string Name => "scripted";

    public override int TrainedLength => trainedLength;

    public override long BytesPerCell => 100;

    /// <summary>Gets the caches made, forks not counted.</summary>
    public int Caches { get; private set; }

    /// <summary>Gets the policies that they were made with.</summary>
    public List<string> Policies { get; } = [];

    /// <summary>Gets the tokens decoded in all caches.</summary>
    public int Decoded { get; set; }

    /// <summary>Gets the tokens before each message that was said to begin.</summary>
    public List<int> Messages { get; } = [];

    /// <summary>Gets the cells in use before each eviction.</summary>
    public List<int> EvictedFrom { get; } = [];

    /// <summary>What is answered when the cache holds some text.</summary>
    public string Answer(string held) => answer?.Invoke(held) ?? "nothing";

    public string Word(int token) => _words[token];

    public string Text(IEnumerable<int> tokens) => string.Concat(tokens.Select(Word));

    internal override IReadOnlyList<int> Tokenize(string text) => [.. Words().Matches(text).Select(match => TokenOf(match.Value))];

    internal override int? FindSpecialToken(string text) => specials.Contains(text, StringComparer.Ordinal) ? _words.IndexOf(text) : null;

    internal override string TextOf(int token) => specials.Contains(Word(token), StringComparer.Ordinal) ? "" : Word(token);

    internal override EvaluationCache Create(int cells, EvictionPolicy policy)
    {
        Caches++;
        Policies.Add(policy.Name);
        return new ScriptedCache(this, cells, policy);
    }

    [GeneratedRegex(@"\s*\w+|\s*[^\w\s]+|\s+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Words();

    private int TokenOf(string word)
    {
        int known = _words.IndexOf(word);
        if (known >= 0)
            return known;
        _words.Add(word);
        return _words.Count <= Vocabulary ? _words.Count - 1 : throw new InvalidOperationException("The script has too many words.");
    }
}
