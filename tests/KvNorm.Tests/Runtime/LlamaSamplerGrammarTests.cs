using KvNorm.Grammars;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Runtime;

public sealed class LlamaSamplerGrammarTests : IDisposable
{
    private const string AnyText = "root ::= [^\\x00]*";

    private static readonly SamplingOptions Greedy = new() { Temperature = 0 };
    private static readonly SamplingOptions Seeded = new() { Temperature = 0.8f, Seed = 3 };

    private readonly LlamaContext _context = new(EmbeddedModel.Model, new LlamaContextSettings(256, 32, 1));
    private int _position;

    private static LlamaVocabulary Vocabulary => EmbeddedModel.Model.Vocabulary;

    private static int Marker => Vocabulary.Special("<|im_start|>")!.Value;

    public void Dispose() => _context.Dispose();

    [Theory]
    [InlineData("root ::= \"yes\" | \"no\"", "^(yes|no)$")]
    [InlineData("root ::= [0-9]{3} \"-\" [a-f]{4}", "^[0-9]{3}-[a-f]{4}$")]
    [InlineData("root ::= \"{\\\"name\\\": \\\"\" [A-Z] [a-z]{2,8} \"\\\"}\"", "^\\{\"name\": \"[A-Z][a-z]{2,8}\"\\}$")]
    [InlineData("root ::= \"é€😀\" [一-龥]{2}", "^é€😀[一-龥]{2}$")]
    public void Sample_Grammar_WritesWhatItSaysAndEnds(string grammar, string expected)
    {
        SamplingOptions[] all =
        [
            Greedy,
            Seeded,
            new() { Temperature = 5, TopK = 0, TopP = 1, MinP = 0, Seed = 1 },
            new() { Temperature = 1, TopK = 1, RepeatPenalty = 1.5f },
        ];
        foreach (SamplingOptions options in all)
        {
            List<int> tokens = Draw(options, new Grammar(grammar), 40);
            Assert.True(Vocabulary.IsEndOfGeneration(tokens[^1]));
            Assert.Matches(expected, Vocabulary.Text(tokens[..^1]));
        }
    }

    [Fact]
    public void Sample_GrammarOfAnyText_ChangesNothing()
    {
        Assert.Equal(Draw(Greedy, null, 20), Draw(Greedy, new Grammar(AnyText), 20));
        Assert.Equal(Draw(Seeded, null, 20), Draw(Seeded, new Grammar(AnyText), 20));
    }

    [Theory]
    [InlineData("root ::= [xyz]+")]
    [InlineData("root ::= \"Zebra\" .*")]
    [InlineData("root ::= [\\U00000400-\\U000004FF]+")]
    public void Sample_MostLikelyDoesNotFit_TakesTheMostLikelyThatDoes(string text)
    {
        Read();
        float[] logits = _context.Logits().ToArray();
        LlamaCandidates all = new(logits.Length);
        all.Fill(logits);
        using GrammarSampler grammar = new(new Grammar(text), Vocabulary);
        grammar.Refuse(all);
        using LlamaSampler sampler = new(Greedy, Vocabulary, new Grammar(text));
        Assert.Equal((int)all.Span.ToArray().MaxBy(static candidate => candidate.Logit).ID, sampler.Sample(_context));
    }

    [Fact]
    public void Sample_Ended_GoesOnEnding()
    {
        Read();
        using LlamaSampler sampler = new(Greedy, Vocabulary, new Grammar("root ::= \"\""));
        Assert.All(Enumerable.Range(0, 3), _ => Assert.True(Vocabulary.IsEndOfGeneration(sampler.Sample(_context))));
    }

    [Fact]
    public void Sample_PenaltiesWithGrammar_CountWhatWasDrawn()
    {
        List<int> tokens = Draw(new SamplingOptions { Temperature = 0, PresencePenalty = 100 }, new Grammar("root ::= [0-9]{6}"), 20);
        Assert.Equal(tokens.Count, tokens.Distinct().Count());
    }

    [Fact]
    public void Sample_NothingFits_Throws()
    {
        Read();
        using LlamaSampler sampler = new(Greedy, Vocabulary, new Grammar("root ::= [\\x00]"));
        Assert.Throws<LlamaException>(() => sampler.Sample(_context));
    }

    [Fact]
    public void Sample_Trigger_TextIsFreeUntilIt()
    {
        List<int> free = Draw(Greedy, null, 20),
            lazy = Draw(Greedy, new Grammar("root ::= \"<call>\" [0-9]+") { Triggers = ["<call>"] }, 20);
        Assert.Equal(free, lazy);
    }

    [Fact]
    public void Sample_TriggerInTheText_GrammarHoldsFromThere()
    {
        string word = Vocabulary.Text(Draw(Greedy, null, 3)[2..]);
        string text = Vocabulary.Text(Draw(Greedy, new Grammar($"root ::= \"{word}\" [0-9]{{3}}") { Triggers = [word] }, 20).SkipLast(1));
        Assert.Matches($"^[^0-9]*{System.Text.RegularExpressions.Regex.Escape(word)}[0-9]{{3}}$", text);
    }

    [Fact]
    public void TryAccept_TriggerEndsInsideAToken_TheRestMustFit()
    {
        int about = Token(" about"), letter = Token(" a");
        using GrammarSampler digits = new(new Grammar("root ::= \" a\" [0-9]") { Triggers = [" a"] }, Vocabulary);
        Assert.False(digits.TryAccept(about));
        Assert.False(digits.IsActive);
        Assert.True(digits.TryAccept(Token(" the")) && digits.TryAccept(letter) && digits.IsActive);
        Assert.False(digits.TryAccept(Token("x")));
        Assert.True(digits.TryAccept(Token("7")));

        using GrammarSampler letters = new(new Grammar("root ::= \" a\" [a-z]+") { Triggers = [" a"] }, Vocabulary);
        Assert.True(letters.TryAccept(about) && letters.IsActive);
        Assert.False(letters.TryAccept(letter));
    }

    [Fact]
    public void TryAccept_TriggerOverSeveralTokens_IsFound()
    {
        using GrammarSampler sampler = new(new Grammar("root ::= \"<tool>\" [0-9]") { Triggers = ["<none>", "<tool>"] }, Vocabulary);
        foreach (char letter in "ab<<tool>")
        {
            Assert.False(sampler.IsActive);
            Assert.True(sampler.TryAccept(Token(letter.ToString())));
        }

        Assert.True(sampler.IsActive);
        Assert.False(sampler.TryAccept(Token("x")));
    }

    [Fact]
    public void TryAccept_ControlToken_OnlyWhereItIsAllowed()
    {
        using GrammarSampler closed = new(new Grammar(AnyText), Vocabulary),
            open = new(new Grammar(AnyText) { ControlTokens = [Marker] }, Vocabulary);
        LlamaCandidates candidates = new(1);
        candidates.Add(Marker, 0);
        closed.Refuse(candidates);
        Assert.Equal(float.NegativeInfinity, candidates.Span[0].Logit);
        Assert.False(closed.TryAccept(Marker));
        Assert.True(open.TryAccept(Marker));
    }

    [Fact]
    public void TryAccept_TokensThatDoNotFit_AreRefusedAndChangeNothing()
    {
        using GrammarSampler sampler = new(new Grammar("root ::= \"ab\""), Vocabulary);
        int end = Enumerable.Range(0, Vocabulary.Count).First(Vocabulary.IsEndOfGeneration);
        Assert.False(sampler.TryAccept(Token("b")) || sampler.TryAccept(end) || sampler.TryAccept(Token(" the")));
        Assert.True(sampler.TryAccept(Token("a")));
        Assert.False(sampler.TryAccept(Token("a")) || sampler.TryAccept(end));
        Assert.True(sampler.TryAccept(Token("b")));
        Assert.False(sampler.TryAccept(Token("b")));
        Assert.True(sampler.TryAccept(end) && sampler.TryAccept(end));
    }

    public static TheoryData<string> NoGrammars() => new(
        "", " \n", "root", "root ::= (", "root ::= \"a", "root ::= [a", "root ::= missing", "other ::= \"a\"", "root ::= \"\\q\"",
        "root ::= \"a\"{", "root ::= *",
        "root ::= root \"a\"", "root ::= a\na ::= b\nb ::= a \"x\" | \"y\"", "root ::= \"\"* \"x\"",
        "root ::= a root \"x\" | \"y\"\na ::= b\nb ::= \"\"", "root ::= a root\na ::= b\nb ::= \"\"", Doubling(60),
        "root ::= \"a\"{3000}", "root ::= \"a\"{99999999999999999999}", "root ::= (\"a\" | \"b\"){1000}{1000}", "root ::= <nosuchtoken>",
        "root ::= \"a\\x00\" \0 \"b\"",
        $"root ::= {new string('(', 100_000)}\"a\"{new string(')', 100_000)}");

    [Fact]
    public void Constructor_GrammarLargerThanAllowed_Throws()
    {
        Grammar grammar = new($"root ::= \"{new string('a', GrammarCheck.MostCharacters)}\"");
        Assert.Throws<ArgumentException>(() => new GrammarSampler(grammar, Vocabulary));
    }

    [Theory]
    [MemberData(nameof(NoGrammars))]
    public void Constructor_NoGrammar_Throws(string text)
    {
        Exception error = Assert.ThrowsAny<Exception>(() => new LlamaSampler(Greedy, Vocabulary, new Grammar(text)));
        Assert.True(error is LlamaException or ArgumentException, error.ToString());
    }

    [Fact]
    public void Constructor_EmptyTrigger_Throws() =>
        Assert.Throws<ArgumentException>(() => new LlamaSampler(Greedy, Vocabulary, new Grammar(AnyText) { Triggers = [""] }));

    // Every rule begins with the next in two ways.
    private static string Doubling(int rules) =>
        "root ::= r0\n"
        + $"{string.Concat(Enumerable.Range(0, rules).Select(static i => $"r{i} ::= r{i + 1} \"x\" | r{i + 1} \"y\"\n"))}r{rules} ::= "
        + "\"z\"";

    private static int Token(string text)
    {
        List<int> tokens = [];
        Vocabulary.TokenizeText(text, tokens);
        return Assert.Single(tokens);
    }

    private List<int> Draw(SamplingOptions options, Grammar? grammar, int most)
    {
        Read();
        using LlamaSampler sampler = new(options, Vocabulary, grammar);
        List<int> drawn = [sampler.Sample(_context)];
        while (drawn.Count < most && !Vocabulary.IsEndOfGeneration(drawn[^1]))
        {
            _context.Sequences[0].Decode([drawn[^1]], _position++, logits: true);
            drawn.Add(sampler.Sample(_context));
        }

        return drawn;
    }

    private void Read()
    {
        List<int> tokens = [];
        Vocabulary.TokenizeText("My favourite animal is the", tokens);
        _context.Sequences[0].Clear();
        _context.Sequences[0].Decode([.. tokens], 0, logits: true);
        _position = tokens.Count;
    }
}
