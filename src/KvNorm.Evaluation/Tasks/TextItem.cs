using KvNorm.Evaluation.Models;

namespace KvNorm.Evaluation.Tasks;

/// <summary>Builds an item of the usual kind: a system turn, one long user turn, and a question behind it.</summary>
internal sealed class TextItem
{
    /// <summary>The system prompt of items that need none of their own.</summary>
    public const string System = "You are a helpful AI assistant.";

    private readonly TurnWriter _turns;
    private readonly List<Segment> _segments = [];
    private readonly int _pinned;

    public TextItem(ItemRequest request, string instruction)
    {
        _turns = new TurnWriter(request.Model);
        _segments.Add(new Segment([.. _turns.Begin(), .. _turns.Turn(TurnRole.System, System)]));
        _pinned = _segments[0].Tokens.Length;
        _segments.Add(new Segment([.. _turns.Open(TurnRole.User), .. _turns.Text(instruction)]));
    }

    /// <summary>Adds a piece of text.</summary>
    public void Add(string text, bool isEvidence = false) => _segments.Add(new Segment(_turns.Text(text), isEvidence));

    /// <summary>The item with a question that is asked behind the text.</summary>
    /// <param name="question">The rest of the user's turn.</param>
    /// <param name="prefix">The beginning of the answer.</param>
    /// <param name="expected">The right answers.</param>
    /// <param name="maximumTokens">Tokens that an answer may have.</param>
    /// <param name="depth">Where the answer stands.</param>
    public RetrievalItem Ask(string question, string prefix, IReadOnlyList<string> expected, int maximumTokens, double? depth = null) =>
        Item(new Probe("", Asked(question, prefix), expected, _turns.Text(" " + string.Join(", ", expected)), maximumTokens), depth);

    /// <summary>The item with a question of which any one answer is right.</summary>
    /// <param name="question">The rest of the user's turn.</param>
    /// <param name="prefix">The beginning of the answer.</param>
    /// <param name="expected">The right answers, the one whose probability is looked at first.</param>
    /// <param name="maximumTokens">Tokens that an answer may have.</param>
    public RetrievalItem AskOneOf(string question, string prefix, IReadOnlyList<string> expected, int maximumTokens) =>
        Item(new Probe("", Asked(question, prefix), expected, _turns.Text(" " + expected[0]), maximumTokens), null);

    /// <summary>The item with a question that is read before the eviction, all but the last word of the answer's beginning.</summary>
    /// <param name="question">The rest of the user's turn.</param>
    /// <param name="prefix">The beginning of the answer.</param>
    /// <param name="lastWord">The last word of that beginning, with the space before it: what is said next must not be known yet.</param>
    /// <param name="expected">The right answer.</param>
    /// <param name="maximumTokens">Tokens that an answer may have.</param>
    /// <param name="depth">Where the answer stands.</param>
    public RetrievalItem AskBefore(
        string question, string prefix, string lastWord, string expected, int maximumTokens, double depth)
    {
        _segments.Add(new Segment(Asked(question, prefix)));
        return Item(new Probe("", _turns.Text(lastWord), [expected], _turns.Text(" " + expected), maximumTokens), depth);
    }

    private RetrievalItem Item(Probe probe, double? depth) => new(_segments, 2, _pinned, [probe], depth);

    private int[] Asked(string question, string prefix) =>
        [.. _turns.Text(question), .. _turns.Close(), .. _turns.Open(TurnRole.Assistant), .. _turns.Text(prefix)];
}
