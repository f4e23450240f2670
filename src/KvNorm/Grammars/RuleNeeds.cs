namespace KvNorm.Grammars;

/// <summary>
/// Which rules every text of a rule is made of, and so which rules have a text that ends: of a list whose items are lists of the same kind
/// the empty one does, of an object that must have another of its kind none.
/// </summary>
internal sealed class RuleNeeds
{
    private readonly List<Alternative> _alternatives = [];
    private readonly HashSet<string> _rules = new(StringComparer.Ordinal); // those with alternatives; a rule without any ends
    private readonly List<(Alternative Alternative, ObjectRules Object)> _objects = []; // in the order in which they were met

    /// <summary>Adds an alternative of a rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="needs">The rules that each of its texts holds.</param>
    public void Add(string rule, IReadOnlyList<string> needs)
    {
        _rules.Add(rule);
        _alternatives.Add(new Alternative(rule, needs));
    }

    /// <summary>Adds an alternative that is an object. What it needs may become less.</summary>
    public void Add(string rule, ObjectRules content)
    {
        Add(rule, content.Needs);
        _objects.Add((_alternatives[^1], content));
    }

    /// <summary>
    /// Has objects leave out what would keep them from ending. The last met first: those are inside of the others, which then end too.
    /// </summary>
    public void Settle()
    {
        HashSet<string> ending = new(StringComparer.Ordinal); // what ends goes on ending, whatever is left out
        ILookup<string, Alternative> needing = _alternatives
            .SelectMany(static alternative => alternative.Needs.Select(need => (need, alternative)))
            .ToLookup(static pair => pair.need, static pair => pair.alternative, StringComparer.Ordinal);
        Stack<string> found = [];
        foreach (Alternative alternative in _alternatives)
        {
            alternative.Open = alternative.Needs.Count(_rules.Contains);
            if (alternative.Open == 0)
                found.Push(alternative.Rule);
        }

        Spread();
        foreach ((Alternative alternative, ObjectRules content) in Enumerable.Reverse(_objects))
        {
            if (ending.Contains(alternative.Rule) || !content.LeaveOut(need => !Ends(need)))
                continue;
            alternative.Open = null; // it needs less than is known of it
            if (alternative.Needs.All(Ends))
                found.Push(alternative.Rule);
            Spread();
        }

        bool Ends(string rule) => ending.Contains(rule) || !_rules.Contains(rule);

        void Spread()
        {
            while (found.TryPop(out string? rule))
            {
                foreach (Alternative alternative in ending.Add(rule) ? needing[rule] : [])
                {
                    alternative.Open--;
                    if (alternative.Open == 0 || (alternative.Open is null && alternative.Needs.All(Ends)))
                        found.Push(alternative.Rule);
                }
            }
        }
    }

    /// <summary>One of the texts of a rule.</summary>
    private sealed class Alternative(string rule, IReadOnlyList<string> needs)
    {
        public string Rule => rule;

        public IReadOnlyList<string> Needs => needs;

        /// <summary>Gets or sets how many of its needs are not known to end; null where that is not counted.</summary>
        public int? Open { get; set; }
    }
}
