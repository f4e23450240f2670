using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Recall;
using KvNorm.Tests.Runtime;
using static KvNorm.Tests.KvCache.Recall.SpanEmbedderTests;

namespace KvNorm.Tests.KvCache.Recall;

public sealed class SpanMeaningsTests : IDisposable
{
    private const int FullStop = 0;

    private static readonly float[] Sea = [1, 0, 0];

    private readonly WordVectors _generator = new(["1", "2"], ["3"]);
    private readonly RecordingLogger _logger = new();
    private readonly SpanEmbedder _embedder;
    private readonly SpanMap _spans = new(static token => token == FullStop ? TokenPiece.EndsSpan : TokenPiece.Word);
    private readonly List<string> _texts = [];
    private readonly SpanMeanings _meanings;

    public SpanMeaningsTests()
    {
        _embedder = new SpanEmbedder(_generator, _logger, TimeSpan.FromMinutes(5), TimeProvider.System);
        _meanings = new SpanMeanings(_spans, _embedder, TextOf);
    }

    public void Dispose() => _embedder.Dispose();

    [Fact]
    public async Task Find_SpansOfTheSameMeaning_ComeFirstWhateverTheirWords()
    {
        Append(9, 0, 2, 0, 9, 8, 0, 2, 3, 0, 7, 0, 7, 7, 0, 0, 5, 0, 1); // the last one may go on
        IReadOnlyList<SpanMatch> found = await FindAsync(Sea);
        Assert.Equal([new TokenRange(2, 4), new TokenRange(7, 10)], found.Select(static match => match.Tokens));
        Assert.Equal(1, found[0].Score, 1e-6);
        Assert.InRange(found[1].Score, 0.7f, 0.8f);
    }

    // A span that means something else, too, is farther from the question than those that mean nothing of it: 0.917 and 0.926.
    [Fact]
    public async Task Find_ModelThatFindsEverythingAlike_LooksAtWhatDiffers()
    {
        _generator.Change = static vector => [vector[0], 2 * vector[1], vector[2], 9];
        Append(9, 0, 2, 3, 0, 9, 8, 0, 7, 0, 7, 7, 0, 5, 0, 1);
        float length = MathF.Sqrt(4 + 81);
        Assert.Equal(new TokenRange(2, 5), Assert.Single(await FindAsync([2 / length, 0, 0, 9 / length])).Tokens);
    }

    [Fact]
    public async Task Find_AllSpansMeanTheSame_FindsNothing()
    {
        Append(2, 0, 2, 2, 0, 1, 0, 9);
        Assert.Empty(await FindAsync(Sea));
    }

    [Fact]
    public async Task Find_GeneratorFails_FindsNothing()
    {
        _generator.Before = static _ => throw new HttpRequestException("nobody there");
        Append(9, 0, 2, 0, 9);
        await UntilAsync(() => _logger.Lines.Count > 0);
        Assert.Empty(_meanings.Find(Sea));
    }

    [Fact]
    public async Task Find_VectorOfAnotherLength_FindsNothing()
    {
        Append(9, 0, 2, 0, 9);
        await FindAsync(Sea);
        Assert.Empty(_meanings.Find([1, 0]));
    }

    [Fact]
    public async Task Truncate_InsideASpan_HasItEmbeddedAnew()
    {
        Append(9, 0, 2, 0, 7, 0, 7, 7, 0);
        await FindAsync(Sea);
        _meanings.Truncate(3);
        _spans.Truncate(3);
        _spans.Append([3, 0, 7, 0, 8, 0, 9]);
        _meanings.Append([9, 0, 2, 3, 0, 7, 0, 8, 0, 9]);
        SpanMatch match = Assert.Single(await FindAsync([0, 1, 0]));
        Assert.Equal(new TokenRange(2, 5), match.Tokens);
        Assert.DoesNotContain(_generator.Requests.Skip(1).SelectMany(static texts => texts), static text => text == "9"); // known
    }

    private void Append(params int[] tokens)
    {
        _spans.Append(tokens);
        _meanings.Append(tokens);
    }

    private async Task<IReadOnlyList<SpanMatch>> FindAsync(float[] question)
    {
        await UntilAsync(() => _texts.TrueForAll(text => _embedder.Request(text).Values is not null));
        return _meanings.Find(question);
    }

    private string TextOf(int[] tokens)
    {
        _texts.Add(string.Concat(tokens.Where(static token => token > 0)));
        return _texts[^1];
    }
}
