namespace KvNorm.Grammars;

/// <summary>
/// What llama.cpp does not look at before it recurses, allocates or walks. It looks for left recursion too, but misses it behind rules that
/// are empty only through others, and then ends the process; and it follows every way through the beginnings of rules one by one, which can
/// take for ever.
/// </summary>
internal sealed class GrammarCheck
{
    /// <summary>
    /// Characters of a grammar. 500 tools of 20 parameters take a million, of which llama.cpp makes some 15 MB in a tenth of a second.
    /// </summary>
    public const int MostCharacters = 1 << 22;

    /// <summary>Groups within groups: the parser recurses.</summary>
    public const int DeepestGroup = 100;

    private const int DeepestStart = 1500; // rules that begin with rules; llama.cpp recurses through them
    // ways through the rules that rules begin with; llama.cpp walks most of them, some millions a second
    private const long MostStarts = 10_000_000;

    private readonly Dictionary<string, IReadOnlyList<IReadOnlyList<GrammarPart>>> _rules;
    // null while a rule is looked at
    private readonly Dictionary<string, (bool MayBeEmpty, long Starts)?> _seen = new(StringComparer.Ordinal);

    private GrammarCheck(string text) => _rules = new GrammarReader(text).Read();

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
        new GrammarCheck(text).Verify();
    }

    private void Verify()
    {
        if (!_rules.ContainsKey(Grammar.Root))
            throw new ArgumentException($"The grammar has no rule '{Grammar.Root}'.");
        long starts = _rules.Keys.Sum(rule => Rule(rule, 0).Starts);
        foreach (GrammarPart part in _rules.Values.SelectMany(Parts))
        {
            if (part.Rule is not null && !_rules.ContainsKey(part.Rule))
                throw new ArgumentException($"The grammar has no rule '{part.Rule}'.");
            starts += part.Group is null ? 0 : Alternatives(part.Group, 0).Starts; // a group is a rule of its own to llama.cpp
        }

        if (starts > MostStarts)
            throw new ArgumentException("The grammar's rules begin with each other in too many ways.");
    }

    private (bool MayBeEmpty, long Starts) Rule(string name, int depth)
    {
        if (_seen.TryGetValue(name, out (bool MayBeEmpty, long Starts)? seen))
            return seen ?? throw new ArgumentException($"The grammar's rule '{name}' begins with itself.");
        if (depth > DeepestStart)
            throw new ArgumentException($"The grammar's rule '{name}' is at the end of too many rules that begin with each other.");
        if (!_rules.TryGetValue(name, out IReadOnlyList<IReadOnlyList<GrammarPart>>? alternatives))
            throw new ArgumentException($"The grammar has no rule '{name}'.");
        _seen[name] = null;
        (bool MayBeEmpty, long Starts) found = Alternatives(alternatives, depth);
        _seen[name] = found;
        return found;
    }

    private (bool MayBeEmpty, long Starts) Alternatives(IReadOnlyList<IReadOnlyList<GrammarPart>> alternatives, int depth)
    {
        (bool mayBeEmpty, long starts) = (false, 1);
        foreach (IReadOnlyList<GrammarPart> sequence in alternatives)
        {
            bool atStart = true;
            for (int i = 0; i < sequence.Count && atStart; i++)
            {
                (bool isEmpty, long more) = Start(sequence[i], depth);
                (atStart, starts) = (isEmpty, Math.Min(starts + more, MostStarts + 1));
            }

            mayBeEmpty |= atStart;
        }

        return (mayBeEmpty, starts);
    }

    private (bool MayBeEmpty, long Starts) Start(GrammarPart part, int depth)
    {
        (bool mayBeEmpty, long starts) = part switch
        {
            { Rule: { } rule } => Rule(rule, depth + 1),
            { Group: { } group } => Alternatives(group, depth),
            _ => (part.IsEmpty, 0L),
        };
        return (mayBeEmpty || part.MayBeAbsent, starts);
    }

    private static IEnumerable<GrammarPart> Parts(IReadOnlyList<IReadOnlyList<GrammarPart>> alternatives) =>
        alternatives.SelectMany(static sequence => sequence)
            .SelectMany(static part => part.Group is null ? [part] : Parts(part.Group).Prepend(part));
}
