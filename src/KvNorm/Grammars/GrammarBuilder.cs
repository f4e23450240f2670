using System.Globalization;
using System.Text;
using System.Text.Json;

namespace KvNorm.Grammars;

/// <summary>Collects the rules of one grammar, which may hold several schemas.</summary>
/// <param name="closedObjects">
/// Whether objects that declare properties and say nothing about others have no others. JSON Schema allows them, which lets a small model
/// add some for ever.
/// </param>
internal sealed class GrammarBuilder(bool closedObjects = false)
{
    /// <summary>Rules of a grammar.</summary>
    public const int MostRules = 50_000;

    private const int LongestName = 40;
    private const int MostRepetitions = 40_000; // of all items with a bound together; llama.cpp makes a rule of each

    private const int LongestRepeated = 20; // characters of an item that is no rule; llama.cpp copies it as often as it is repeated

    private const int MostDeclared = 1_500; // characters of the names of properties that undeclared ones are told from

    private readonly Dictionary<string, string> _rules = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new([Grammar.Root], StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _defined = new(StringComparer.Ordinal); // rules by their bodies
    private readonly Dictionary<string, string> _shared = new(StringComparer.Ordinal); // well-known rules by what they are
    private readonly Dictionary<string, int> _numbers = new(StringComparer.OrdinalIgnoreCase); // the last number given to a name
    private int _characters, _repetitions, _declared;

    /// <summary>Gets whether bounds were widened that together would make too many rules.</summary>
    public bool HasWidened { get; private set; }

    /// <summary>Gets the search for constraints that are not held.</summary>
    public UnsaidKeywords Unsaid => field ??= new UnsaidKeywords();

    /// <summary>Gets the rules of the schemas so far.</summary>
    public SharedRules SchemaRules { get; } = new();

    /// <summary>Gets whether objects that say nothing of other properties have none.</summary>
    public bool ClosedObjects => closedObjects;

    /// <summary>GBNF for a text that stands for itself.</summary>
    public static string Literal(string text) => Gbnf.Literal(text);

    /// <summary>Adds a rule. Equal ones are one: tools have many parameters in common.</summary>
    /// <param name="nameHint">What it is about; any text.</param>
    /// <param name="body">What it is, in GBNF.</param>
    /// <returns>Its name.</returns>
    public string Define(string nameHint, string body)
    {
        if (_defined.TryGetValue(body, out string? known))
            return known;
        string name = _defined[body] = Reserve(nameHint);
        Complete(name, body);
        return name;
    }

    /// <summary>A name for a rule whose body comes later, so that rules can refer to each other.</summary>
    public string Reserve(string nameHint)
    {
        if (_names.Count >= MostRules)
            throw new ArgumentException($"The grammar needs more than {MostRules} rules.", nameof(nameHint));
        string stem = Sanitise(nameHint), name = stem;
        int number = _numbers.GetValueOrDefault(stem, 1);
        while (!_names.Add(name))
            name = string.Create(CultureInfo.InvariantCulture, $"{stem}-{++number}");
        _numbers[stem] = number;
        return name;
    }

    /// <summary>Whether a reserved rule has its body.</summary>
    public bool IsComplete(string name) => _rules.ContainsKey(name);

    /// <summary>Gives a reserved rule its body.</summary>
    public void Complete(string name, string body)
    {
        // An empty body would go on with the next line.
        _rules.Add(name, body.Length > 0 ? body : "\"\"");
        _characters += name.Length + body.Length;
        if (_characters > GrammarCheck.MostCharacters)
            throw new ArgumentException(
                $"The grammar needs more than {GrammarCheck.MostCharacters} characters; the rule that is too much is '{name}'.",
                nameof(body));
    }

    /// <summary>A rule that is made once, by its name.</summary>
    public string Shared(string name, Func<string> body)
    {
        if (_shared.TryGetValue(name, out string? known))
            return known;
        string rule = _shared[name] = Reserve(name);
        Complete(rule, body());
        return rule;
    }

    /// <summary>
    /// An item again and again. Bounds that llama.cpp does not take, or that together would make too many rules, are widened.
    /// </summary>
    public string Repeat(string item, int least, int? most)
    {
        int rules = Math.Min(most ?? least, Gbnf.MostRepetitions);
        if (_repetitions + rules > MostRepetitions)
        {
            HasWidened = true;
            return Gbnf.Repeat(item, Math.Min(least, 1), most is 0 or 1 ? most : null);
        }

        _repetitions += rules;
        return Gbnf.Repeat(item.Length > LongestRepeated && !_names.Contains(item) ? Define("repeated", item) : item, least, most);
    }

    /// <summary>Whether names of properties can still be told from others: every character of them may become a rule.</summary>
    public bool TryDeclare(int characters)
    {
        if (_declared + characters > MostDeclared)
            return false;
        _declared += characters;
        return true;
    }

    /// <summary>The rule of any JSON value.</summary>
    public string Json() => JsonRules.Value(this);

    /// <summary>The rule of any JSON object.</summary>
    public string Object() => JsonRules.Object(this);

    /// <summary>Adds the rules of a JSON schema.</summary>
    /// <param name="nameHint">What it is about; any text.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="allRequired">
    /// Whether objects have all the properties they declare, as OpenAI's strict mode wants it: else a small model leaves them out. A
    /// property that would lead to no end, since its value must hold one of the same kind, is as the schema says.
    /// </param>
    /// <param name="report">Told of what cannot be read, which then allows anything; null to throw.</param>
    /// <param name="unsaid">Told of constraints that a grammar cannot say; null for the same as <paramref name="report"/>.</param>
    /// <returns>The name of the rule of what satisfies it.</returns>
    /// <exception cref="ArgumentException">
    /// It is no schema, nothing satisfies it, or it is too large. The message names the place as a JSON pointer.
    /// </exception>
    public string Schema(
        string nameHint, JsonElement schema, bool allRequired = false, Action<string>? report = null, Action<string>? unsaid = null) =>
        new SchemaConverter(this, schema, allRequired, report, unsaid).Convert(nameHint);

    /// <summary>The whole grammar.</summary>
    /// <param name="rootBody">What every text is, in GBNF.</param>
    public string Build(string rootBody)
    {
        StringBuilder text = new StringBuilder().Append(Grammar.Root).Append(" ::= ").Append(rootBody).Append('\n');
        foreach ((string name, string body) in _rules)
            text.Append(name).Append(" ::= ").Append(body).Append('\n');
        return text.ToString();
    }

    private static string Sanitise(string hint)
    {
        StringBuilder name = new();
        foreach (char letter in hint)
        {
            if (char.IsAsciiLetterOrDigit(letter))
                name.Append(letter);
            else if (name.Length > 0 && name[^1] != '-')
                name.Append('-');
            if (name.Length == LongestName)
                break;
        }

        string stem = name.ToString().TrimEnd('-');
        return stem.Length > 0 ? stem : "rule";
    }
}
