using System.Text;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Recall;
using KvNorm.Tests.KvCache.Eviction;
using KvNorm.Tests.Runtime;
using static KvNorm.Tests.KvCache.Recall.SpanEmbedderTests;

namespace KvNorm.Tests.KvCache.Recall;

public sealed class ConversationRecallTests : IDisposable
{
    private const int FullStop = 0;

    private static readonly int[] Said = [5, 0, 2, 4, 0, 6, 0, 8, 0, 7, 0, 7]; // 2 means the sea, and 8 is asked for by its word
    private static readonly TokenRange Meant = new(2, 5), Named = new(7, 9);

    private static readonly TokenTerms Terms = new(10, static token => Encoding.UTF8.GetBytes(token == FullStop ? "." : $" w{token} "));

    private readonly SpanMap _spans = new(static token => token == FullStop ? TokenPiece.EndsSpan : TokenPiece.Word);
    private readonly SpanEmbedder _embedder =
        new(new WordVectors(["1", "2"]), new RecordingLogger(), TimeSpan.FromMinutes(5), TimeProvider.System);

    private readonly ConversationRecall _recall;

    public ConversationRecallTests()
    {
        RowLedger ledger = new(RowLedgerTests.Separate(1), renumbered: true);
        SpanMeanings meanings = new(_spans, _embedder, TextOf);
        _recall = new ConversationRecall(null, new SpanIndex(_spans, Terms), ledger, null, meanings);
        _spans.Append(Said);
    }

    public void Dispose() => _embedder.Dispose();

    [Fact]
    public async Task Choose_OneSpanHasTheWordAndAnotherTheMeaning_TakesBoth()
    {
        await EmbedAsync();
        Assert.Equal([Meant, Named], Choose(new RecallQuestion([8]) { Vector = [1, 0] }));
        Assert.Equal([Meant], Choose(new RecallQuestion([1]) { Vector = [1, 0] }));
        Assert.Equal([Named], Choose(new RecallQuestion([8])));
    }

    [Fact]
    public async Task Choose_RoomForOne_TakesTheSpanWithTheWord()
    {
        await EmbedAsync();
        Assert.Equal([Named], Choose(new RecallQuestion([8]) { Vector = [1, 0] }, room: 4));
    }

    // As in every step of a loop of tools but the first: by words alone nothing else would come near to it.
    [Theory]
    [InlineData(true)]
    [InlineData(false)] // too long to stay
    public void Choose_MessageThatAsks_DoesNotStandInTheWay(bool isHeld)
    {
        int[] tokens = [.. Said, 0, 2, 4, 6, 5, 8, 9, 0];
        TokenRange message = new(13, 20);
        ConversationRecall recall = RecallOf(tokens, isHeld ? [] : Enumerable.Range(message.Start, message.Length));
        RecallQuestion question = new([2, 4, 6, 5, 8, 9]);
        Assert.Equal([message], recall.Choose(question, tokens, default, 100).Spans);
        TokenRange[] spans = recall.Choose(question with { Message = message }, tokens, default, 100).Spans;
        Assert.Equal(isHeld ? [Meant, Named] : [Meant, Named, message], spans);
        spans = recall.Choose(question with { Message = message }, tokens, default, 8).Spans;
        Assert.Equal([Meant, Named], spans); // the others first
    }

    // A call with its results, of which the cache lacks the one sentence that is asked for.
    [Theory]
    [InlineData(7, 9, true)]
    [InlineData(0, 2, false)]
    public void Choose_ExchangeHeldButForASentence_LacksItWhereThatIsAskedFor(int start, int end, bool lacks)
    {
        int[] exchange = [.. Said, .. Enumerable.Repeat(1, 40), FullStop];
        ConversationRecall recall = RecallOf(exchange, Enumerable.Range(start, end - start));
        RecallQuestion question = new([8]) { Exchanges = [new TokenRange(0, exchange.Length)] };
        RecallChoice choice = recall.Choose(question, exchange, default, 100);
        Assert.Equal([new TokenRange(0, exchange.Length)], choice.Spans);
        Assert.Equal(lacks ? choice.Spans : [], choice.Lacking);
        Assert.Equal(lacks ? Enumerable.Range(start, end - start) : [], choice.Missing);
    }

    private ConversationRecall RecallOf(int[] tokens, IEnumerable<int> evicted)
    {
        RowLedger ledger = new(RowLedgerTests.Separate(1), renumbered: true);
        ledger.Append(tokens.Length);
        int[] kept = [.. Enumerable.Range(0, tokens.Length).Except(evicted)];
        ledger.Pack(kept, kept.Length, tokens.Length);
        _spans.Append(tokens.AsSpan(Said.Length));
        return new ConversationRecall(null, new SpanIndex(_spans, Terms), ledger, null);
    }

    private static string TextOf(int[] tokens) => string.Concat(tokens.Where(static token => token > 0));

    private TokenRange[] Choose(RecallQuestion question, int room = 100) => _recall.Choose(question, Said, default, room).Spans;

    private Task EmbedAsync()
    {
        _recall.NoteEviction(Said);
        string[] texts = ["5", "24", "6", "8", "7"];
        return UntilAsync(() => texts.All(text => _embedder.Request(text).Values is not null));
    }
}
