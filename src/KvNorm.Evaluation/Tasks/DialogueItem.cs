using KvNorm.Evaluation.Models;

namespace KvNorm.Evaluation.Tasks;

/// <summary>Builds an item that is a conversation.</summary>
internal sealed class DialogueItem
{
    private readonly ItemRequest _request;
    private readonly Random _random;
    private readonly TurnWriter _turns;
    private readonly List<Segment> _segments = [];
    private readonly List<Probe> _probes = [];
    private readonly List<(string Name, int Start, Segment Segment)> _told = [];
    private readonly int _firstSentence;
    private int _sentences, _firstMessageEnd; // sentences taken, from the first on, none of them twice

    public DialogueItem(ItemRequest request, Random random, string system)
    {
        (_request, _random, _turns) = (request, random, new TurnWriter(request.Model));
        _firstSentence = random.Next(request.Text.Sentences.Count);
        _segments.Add(new Segment([.. _turns.Begin(), .. _turns.Turn(TurnRole.System, system)]));
        Length = _segments[0].Tokens.Length;
    }

    /// <summary>Gets the tokens so far.</summary>
    public int Length { get; private set; }

    /// <summary>Adds an exchange.</summary>
    /// <param name="role">Who speaks first.</param>
    /// <param name="said">What is said.</param>
    /// <param name="reply">What the assistant replies.</param>
    /// <param name="tells">The probe whose answer is told here; null for none.</param>
    public void Say(TurnRole role, string said, string reply, string? tells = null)
    {
        Add(role, said, tells);
        Add(TurnRole.Assistant, reply);
    }

    /// <summary>Adds a turn.</summary>
    /// <inheritdoc cref="Say(TurnRole, string, string, string?)"/>
    public void Add(TurnRole role, string said, string? tells = null)
    {
        Segment segment = new(_turns.Turn(role, said), tells is not null, BeginsMessage: role != TurnRole.Assistant);
        if (tells is not null)
            _told.Add((tells, Length, segment));
        _segments.Add(segment);
        Length += segment.Tokens.Length;
        if (role == TurnRole.User && _firstMessageEnd == 0)
            _firstMessageEnd = Length;
    }

    /// <summary>Adds exchanges about nothing until the conversation has so many tokens.</summary>
    public void ChatUntil(int tokens)
    {
        while (Length < tokens)
            Say(TurnRole.User, $"Tell me more about the {WordList.Nouns[_random.Next(WordList.Nouns.Count)]}.", Prose(80));
    }

    /// <summary>Some sentences of the text.</summary>
    /// <param name="tokens">Tokens that they have at least.</param>
    /// <exception cref="ArgumentException">The text has no more.</exception>
    public string Prose(int tokens)
    {
        IReadOnlyList<string> sentences = _request.Text.Sentences;
        List<string> taken = [];
        for (int count = 0; count < tokens; count += _request.Model.Tokenize(taken[^1]).Count)
        {
            if (_sentences == sentences.Count)
                throw Haystack.TooShort(_request);
            taken.Add(sentences[(_firstSentence + _sentences++) % sentences.Count]);
        }

        return string.Join(' ', taken);
    }

    /// <summary>Adds a question to be asked at the end, about what was told under its name.</summary>
    public void Ask(string name, string question, string prefix, string expected, int maximumTokens, string? group = null) =>
        _probes.Add(new Probe(
            name, Asked(question, prefix), [expected], _turns.Text(" " + expected), maximumTokens, _turns.Text(question))
        {
            Group = group,
        });

    /// <summary>Adds a question that needs nothing of the conversation.</summary>
    public void AskNothingOld(string question) =>
        _probes.Add(new Probe(question, Asked(question, ""), [], [], 1, _turns.Text(question)));

    /// <summary>The item, its questions with their ages.</summary>
    public RetrievalItem Finish() => new(_segments, 1, _segments[0].Tokens.Length, [.. _probes.Select(Dated)])
    {
        FirstMessageTokens = Math.Max(0, _firstMessageEnd - _segments[0].Tokens.Length),
    };

    private int[] Asked(string question, string prefix) =>
        [.. _turns.Turn(TurnRole.User, question), .. _turns.Open(TurnRole.Assistant), .. _turns.Text(prefix)];

    private Probe Dated(Probe probe)
    {
        (string Name, int Start, Segment Segment)[] told = [.. _told.Where(each => each.Name == probe.Name)];
        return told.Length == 0
            ? probe
            : probe with { Age = Length - told[^1].Start, Evidence = [.. told.Select(static each => each.Segment)] };
    }
}
