using System.Numerics.Tensors;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Runtime;

public sealed class LlamaContextTests : IDisposable
{
    private readonly LlamaModel _model = TinyModel.Load();
    private readonly LlamaContext _context;

    public LlamaContextTests() => _context = new LlamaContext(_model, new LlamaContextSettings(256, 64, 1));

    public void Dispose()
    {
        _context.Dispose();
        _model.Dispose();
    }

    [Fact]
    public void Decode_SameTokens_SameLogitsOfVocabularySize()
    {
        float[] first = Fresh(40);
        Assert.Equal(_model.Vocabulary.Count, first.Length);
        Assert.All(first, static logit => Assert.True(float.IsFinite(logit)));
        Assert.Equal(first, Fresh(40));
        Assert.NotEqual(first, Fresh(39));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(63)]
    public void Decode_OtherBatches_SameLogits(int batch)
    {
        float[] whole = Fresh(64);
        AssertClose(whole, Fresh(64, batch), 1e-2f);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(37)]
    public void Decode_OtherBatchesOnTheEmbeddedModel_SameLogits(int batch)
    {
        using LlamaContext context = new(EmbeddedModel.Model, new LlamaContextSettings(256, 64, 1));
        float[] whole = Read(context, 64, 64);
        context.Sequences[0].Clear();
        float[] split = Read(context, 64, batch);
        Assert.Equal(TensorPrimitives.IndexOfMax<float>(whole), TensorPrimitives.IndexOfMax<float>(split));
        AssertSimilar(whole, split);
    }

    [Fact]
    public void Constructor_Cells_AreRoundedUp()
    {
        using LlamaContext context = new(_model, new LlamaContextSettings(257, 8, 1));
        Assert.Equal((512, 8), (context.Cells, context.Batch.Capacity));
    }

    [Theory]
    [InlineData(0, 8, 1)]
    [InlineData(256, 0, 1)]
    [InlineData(256, 8, 0)]
    [InlineData(-1, 8, 1)]
    public void Constructor_NothingToWorkWith_Throws(int cells, int batch, int threads) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LlamaContext(_model, new LlamaContextSettings(cells, batch, threads)));

    [Fact]
    public void Constructor_RefusedByTheLibrary_KeepsNoHoldOnTheModel()
    {
        LlamaModel model = TinyModel.Load(new TinyModelSettings { HeadLength = 48 });
        LlamaContextSettings settings = new(256, 8, 1) { Types = new CacheTypes(KvCacheType.Q8_0, KvCacheType.Q8_0) }; // blocks of 32
        Assert.Throws<LlamaException>(() => new LlamaContext(model, settings));
        model.Dispose();
        Assert.True(model.Handle.IsClosed);
    }

    [Fact]
    public void Decode_BadArguments_ThrowBeforeAnythingIsRead()
    {
        float[] expected = Fresh(20);
        _context.Sequences[0].Clear();
        Read(_context, 19, 19);
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Sequences[0].Decode([_model.Vocabulary.Count], 19, logits: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Sequences[0].Decode([5, -1], 19, logits: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Sequences[0].Decode([], 19, logits: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Sequences[0].Decode(new int[65], 19, logits: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Sequences[0].Decode([5], -1, logits: true));
        _context.Sequences[0].Decode([Token(19)], 19, logits: true);
        AssertClose(expected, _context.Logits(), 1e-2f);
    }

    [Fact]
    public void Decode_PositionDoesNotFollow_ThrowsAndContextGoesOn()
    {
        float[] expected = Fresh(20);
        _context.Sequences[0].Clear();
        Read(_context, 19, 19);
        Assert.Throws<LlamaException>(() => _context.Sequences[0].Decode([5], 25, logits: true));
        _context.Sequences[0].Decode([Token(19)], 19, logits: true);
        AssertClose(expected, _context.Logits(), 1e-2f);
    }

    [Fact]
    public void Decode_CacheFull_ThrowsAndContextGoesOn()
    {
        float[] expected = Fresh(201);
        _context.Sequences[0].Clear();
        Read(_context, 250, 64);
        LlamaException exception = Assert.Throws<LlamaException>(() => _context.Sequences[0].Decode(new int[10], 250, logits: true));
        Assert.Equal(("llama_decode", 1), (exception.Function, exception.Code));
        Assert.Contains("256", exception.Message, StringComparison.Ordinal);
        Assert.True(_context.Sequences[0].RemoveFrom(200));
        _context.Sequences[0].Decode([Token(200)], 200, logits: true);
        AssertClose(expected, _context.Logits(), 1e-2f);
    }

    [Fact]
    public void Decode_CancelledBefore_ReadsNothing()
    {
        Read(_context, 10, 10);
        long size = _context.Sequences[0].StateSize();
        Assert.Throws<OperationCanceledException>(
            () => _context.Sequences[0].Decode([5], 10, logits: true, new CancellationToken(canceled: true)));
        Assert.Equal(size, _context.Sequences[0].StateSize());
    }

    [Fact]
    public void Decode_CancelledInside_ContextGoesOnAfterRemoveFrom()
    {
        using LlamaContext context = new(EmbeddedModel.Model, new LlamaContextSettings(1024, 768, 1));
        float[] expected = Read(context, 21, 21);
        Assert.True(context.Sequences[0].RemoveFrom(20));
        using CancellationTokenSource source = new();
        source.CancelAfter(TimeSpan.FromMilliseconds(50)); // reading 768 tokens takes seconds on one thread
        Assert.ThrowsAny<OperationCanceledException>(
            () => context.Sequences[0].Decode([.. Enumerable.Range(0, 768).Select(Token)], 20, logits: true, source.Token));
        Assert.True(context.Sequences[0].RemoveFrom(20));
        context.Sequences[0].Decode([Token(20)], 20, logits: true);
        AssertSimilar(expected, context.Logits());
    }

    [Fact]
    public void Logits_NoneAskedFor_Throws()
    {
        Assert.Throws<LlamaException>(() => _context.Logits().Length);
        _context.Sequences[0].Decode([5], 0, logits: false);
        Assert.Throws<LlamaException>(() => _context.Logits().Length);
    }

    [Fact]
    public void Remove_Middle_TakesOutThoseCells()
    {
        Read(_context, 10, 10);
        long ten = _context.Sequences[0].StateSize();
        _context.Sequences[0].Decode([5, 6], 10, logits: false);
        long twelve = _context.Sequences[0].StateSize();
        _context.Sequences[0].Remove(3, 5);
        Assert.Equal(ten, _context.Sequences[0].StateSize());
        _context.Sequences[0].Remove(7, 7);
        Assert.Equal(ten, _context.Sequences[0].StateSize());
        Assert.NotEqual(ten, twelve);
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Sequences[0].Remove(-1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Sequences[0].Remove(4, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Sequences[0].RemoveFrom(-1));
    }

    [Fact]
    public void Decode_ModelDisposed_StillWorks()
    {
        LlamaModel model = TinyModel.Load();
        using LlamaContext context = new(model, new LlamaContextSettings(256, 64, 1));
        float[] before = Read(context, 30, 30);
        model.Dispose();
        context.Sequences[0].Clear();
        Assert.Equal(before, Read(context, 30, 30));
    }

    [Fact]
    public void Decode_Disposed_Throws()
    {
        _context.Dispose();
        _context.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _context.Sequences[0].Decode([5], 0, logits: false));
    }

    // The embedded model's quantised products depend on the batch, which 30 layers amplify; other text or another position is ten times as
    // far away.
    private static void AssertSimilar(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual) =>
        Assert.InRange(TensorPrimitives.Distance(expected, actual) / TensorPrimitives.Norm(expected), 0, 0.05f);

    private static int Token(int index) => 10 + ((index * 37) % 250);

    private static float[] Read(LlamaContext context, int count, int batch)
    {
        for (int start = 0; start < count; start += batch)
            context.Sequences[0]
                .Decode([.. Enumerable.Range(start, Math.Min(batch, count - start)).Select(Token)], start, start + batch >= count);
        return context.Logits().ToArray();
    }

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], tolerance);
    }

    private float[] Fresh(int count, int batch = 64)
    {
        _context.Sequences[0].Clear();
        return Read(_context, count, batch);
    }
}
