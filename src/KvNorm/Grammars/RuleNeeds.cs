namespace KvNorm.Grammars;

/// <summary>
/// Which rules every text of a rule is made of, and so which rules have a text that ends: of a list whose items are lists of the same kind
/// the empty one does, of an object that must have another of its kind none.
/// </summary>
internal sealed class RuleNeeds
{
    // by the rule; a rule without any ends
    private readonly Dictionary<string, List<IReadOnlyList<string>>> _alternatives = new(StringComparer.Ordinal);
    private readonly List<(string Rule, ObjectRules Object)> _objects = []; // in the order in which they were met

    /// <summary>Adds an alternative of a rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="needs">The rules that each of its texts holds.</param>
    public void Add(string rule, IReadOnlyList<string> needs)
    {
        if (!_alternatives.TryGetValue(rule, out List<IReadOnlyList<string>>? alternatives))
            _alternatives[rule] = alternatives = [];
        alternatives.Add(needs);
    }

    /// <summary>Adds an alternative that is an object. What it needs may become less.</summary>
    public void Add(string rule, ObjectRules content)
    {
        Add(rule, content.Needs);
        _objects.Add((rule, content));
    }

    /// <summary>
    /// Has objects leave out what would keep them from ending. The last met first: those are inside of the others, which then end too.
    /// </summary>
    public void Settle()
    {
        HashSet<string> ending = Ending();
        foreach ((string rule, ObjectRules content) in Enumerable.Reverse(_objects))
        {
            if (!ending.Contains(rule) && content.LeaveOut(need => !Ends(need, ending)))
                ending = Ending();
        }
    }

    private HashSet<string> Ending()
    {
        HashSet<string> ending = new(StringComparer.Ordinal);
        string[] rules = [.. _alternatives.Keys.Reverse()];
        int before;
        do
        {
            before = ending.Count;
            foreach (string rule in rules)
            {
                if (_alternatives[rule].Exists(needs => needs.All(need => Ends(need, ending))))
                    ending.Add(rule);
            }
        }
        while (ending.Count > before);

        return ending;
    }

    private bool Ends(string rule, HashSet<string> ending) => ending.Contains(rule) || !_alternatives.ContainsKey(rule);
}
