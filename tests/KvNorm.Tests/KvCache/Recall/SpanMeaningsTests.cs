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
    private readonly SpanMap _spans = new(static token => token == FullStop);
    private readonly SpanMeanings _meanings;

    public SpanMeaningsTests()
    {
        _embedder = new SpanEmbedder(_generator, _logger, TimeSpan.FromMinutes(5), TimeProvider.System);
        _meanings = new SpanMeanings(_spans, _embedder, static tokens => string.Concat(tokens.Where(static token => token > 0)));
    }

    public void Dispose() => _embedder.Dispose();

    [Fact]
    public async Task Find_SpansOfTheSameMeaning_ComeFirstWhateverTheirWords()
    {
        Append(9, 0, 2, 0, 9, 8, 0, 2, 3, 0, 7, 0, 7, 7, 0, 0, 5, 0, 1); // the last one may go on
        IReadOnlyList<SpanMatch> found = await FindAsync(Sea);
        Assert.Equal([new TokenRange(2, 4), new TokenRange(7, 10)], found.Select(static match => match.Tokens));
        Assert.Equal(1, found[0].Score, 1e-6);
        Assert.Equal(MathF.Sqrt(0.5f), found[1].Score, 1e-6);
        Assert.Empty(_meanings.Find([0, 0, 1])!); // what most of them mean
    }

    // With models that find everything alike a span must be nearer, too.
    [Fact]
    public async Task Find_ModelThatFindsEverythingAlike_FindsTheSame()
    {
        _generator.Change = static vector => [.. vector, 9];
        Append(9, 0, 2, 0, 9, 8, 0, 7, 0, 7, 7, 0, 5, 0, 1);
        float length = MathF.Sqrt(4 + 81);
        Assert.Equal(new TokenRange(2, 4), Assert.Single(await FindAsync([2 / length, 0, 0, 9 / length])).Tokens);
    }

    [Fact]
    public async Task Find_GeneratorFails_IsNull()
    {
        _generator.Before = static _ => throw new HttpRequestException("nobody there");
        Append(9, 0, 2, 0, 9);
        await UntilAsync(() => _logger.Lines.Count > 0);
        Assert.Null(_meanings.Find(Sea));
    }

    [Fact]
    public async Task Find_VectorOfAnotherLength_IsNull()
    {
        Append(9, 0, 2, 0, 9);
        await FindAsync(Sea);
        Assert.Null(_meanings.Find([1, 0]));
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
        await UntilAsync(() => _meanings.Find(question) is not null);
        return _meanings.Find(question)!;
    }
}
