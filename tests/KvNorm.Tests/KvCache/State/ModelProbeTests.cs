using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.KvCache.State;

/// <summary>What is found out about a model, RopeProbe's measurements included.</summary>
public sealed class ModelProbeTests
{
    /// <summary>A model that turns keys four times as slowly in a context of more than 512 cells.</summary>
    internal static TinyModelSettings LongRope => new() { LongRopeFactors = [.. Enumerable.Repeat(4f, 16)] };

    private static readonly float[] Factors = [.. Enumerable.Range(0, 16).Select(static pair => pair < 6 ? 1f : 1 + (0.4f * pair))];

    [Theory]
    [InlineData("llama", 10000, 1)]
    [InlineData("llama", 500000, 1)]
    [InlineData("qwen2", 10000, 1)]
    [InlineData("qwen2", 1000000, 2)]
    [InlineData("stablelm", 10000, 3)]
    public void Run_PlainRope_MeasuresItsFrequencies(string architecture, float ropeBase, int seed) =>
        AssertFrequencies(new TinyModelSettings { Architecture = architecture, RopeBase = ropeBase, Seed = seed }, static _ => 1);

    [Theory]
    [InlineData("llama")]
    [InlineData("qwen2")]
    public void Run_LinearScaling_MeasuresTheSlowerTurn(string architecture) =>
        AssertFrequencies(new TinyModelSettings { Architecture = architecture, LinearFactor = 4 }, static _ => 4);

    [Fact]
    public void Run_RopeFactors_MeasuresEachPairsOwn() =>
        AssertFrequencies(new TinyModelSettings { RopeFactors = Factors }, static pair => Factors[pair]);

    [Fact]
    public void Run_PartialRotation_MeasuresTheRotatedPart() =>
        AssertFrequencies(new TinyModelSettings { Architecture = "stablelm", RotatedLength = 20 }, static _ => 1, rotated: 20);

    [Fact]
    public void Run_Yarn_CanBeRewritten()
    {
        ModelProbe probe = Probe(new TinyModelSettings { YarnFactor = 4, YarnOriginalLength = 2048, ContextLength = 8192 });
        Assert.Equal(EvictionMechanism.RewriteRows, probe.Mechanism);
        double fast = probe.Frequencies![0]![0], slow = probe.Frequencies[0]![15];
        Assert.Equal(1, fast, 1e-3); // turns often enough to stay as trained
        Assert.Equal(Math.Pow(10000, -30.0 / 32) / 4, slow, 1e-6); // never turns round, so it is stretched
    }

    // A model trained to few tokens offers no long distance to measure over: what is measured must still serve every position it has.
    [Theory]
    [InlineData("llama", 256)]
    [InlineData("llama", 2048)]
    [InlineData("llama", 4096)]
    [InlineData("qwen2", 2048)]
    public void Run_ShortTrainedLength_TurnsByItsLongestDistanceWithinTolerance(string architecture, int trained)
    {
        for (int seed = 1; seed <= 4; seed++)
        {
            ModelProbe probe = Probe(new TinyModelSettings { Architecture = architecture, ContextLength = trained, Seed = seed });
            Assert.Equal(EvictionMechanism.RewriteRows, probe.Mechanism);
            for (int pair = 0; pair < 16; pair++)
                Assert.InRange((probe.Frequencies![0]![pair] - Math.Pow(10000, -pair / 16.0)) * (trained - 1), -0.02, 0.02);
        }
    }

    [Fact]
    public void Run_EmbeddedModel_IsKnown()
    {
        ModelProbe probe = ModelProbe.Run(EmbeddedModel.Model, 1);
        Assert.Equal((EvictionMechanism.RewriteRows, 23_040L), (probe.Mechanism, probe.BytesPerCell));
        Assert.Equal(30, probe.Geometry!.Layers.Count);
        Assert.All(probe.Geometry.Layers, static layer => Assert.Equal(new LayerGeometry(3, 64, 64), layer));
        Assert.All(probe.Frequencies!, static frequencies => AssertClose(100_000, 64, static _ => 1, frequencies!));
    }

    // LongRoPE: llama.cpp takes the one or the other factors by the length of the context.
    [Theory]
    [InlineData(512, 1)]
    [InlineData(768, 4)]
    public void ConfirmIn_LongRope_MeasuresAgainWhereTheContextIsLong(int cells, double factor)
    {
        using LlamaModel model = TinyModel.Load(LongRope);
        ModelProbe probe = ModelProbe.Run(model, 1);
        using LlamaContext context = new(model, new LlamaContextSettings(cells, 64, 1));
        ModelProbe confirmed = probe.ConfirmIn(context.Sequences[0], model);
        Assert.Equal((EvictionMechanism.RewriteRows, factor > 1), (confirmed.Mechanism, confirmed.TurnsAsInLongContext));
        AssertClose(10000, 32, _ => factor, confirmed.Frequencies![0]!);
    }

    // Gemma 3 turns the keys of its five window layers by another base, and not more slowly in a long context.
    [Fact]
    public void Run_SlidingWindow_MeasuresTheWindowLayersLast()
    {
        ModelProbe probe = Probe(TinyModelSettings.Of("gemma3") with { ContextLength = 8192, RopeBase = 1000000 });
        Assert.Equal((1, 5), (probe.Geometry!.Layers.Count, probe.Window!.Layers.Count));
        AssertClose(1000000, 32, static _ => 1, probe.Frequencies![0]!);
        Assert.All(probe.Frequencies.Skip(1), static frequencies => AssertClose(10000, 32, static _ => 1, frequencies!));
    }

    [Fact]
    public void Run_LayersWithoutRope_AreToldFromTheOthers()
    {
        ModelProbe probe = Probe(TinyModelSettings.Of("cohere2"));
        Assert.Equal(EvictionMechanism.RewriteRows, probe.Mechanism);
        Assert.Null(probe.Frequencies![0]); // the one that sees everything
        Assert.All(probe.Frequencies.Skip(1), Assert.NotNull);
    }

    [Fact]
    public void Run_TinyModel_HasTheGeometryOfTheFile()
    {
        ModelProbe probe = Probe(new TinyModelSettings { Layers = 3, Heads = 6, KeyValueHeads = 3, HeadLength = 64 });
        Assert.All(probe.Geometry!.Layers, static layer => Assert.Equal(new LayerGeometry(3, 64, 64), layer));
        Assert.Equal((9, 3 * 3 * 2 * 64 * 2L), (probe.Geometry.HeadCount, probe.BytesPerCell));
    }

    private static ModelProbe Probe(TinyModelSettings settings)
    {
        using LlamaModel model = TinyModel.Load(settings);
        return ModelProbe.Run(model, 1);
    }

    private static void AssertFrequencies(TinyModelSettings settings, Func<int, double> divisor, int rotated = 32)
    {
        ModelProbe probe = Probe(settings with { ContextLength = 8192 });
        Assert.Equal(EvictionMechanism.RewriteRows, probe.Mechanism);
        Assert.Equal(settings.Layers, probe.Frequencies!.Count);
        Assert.All(probe.Frequencies, frequencies => AssertClose(settings.RopeBase, rotated, divisor, frequencies!));
    }

    private static void AssertClose(double ropeBase, int rotated, Func<int, double> divisor, double[] frequencies)
    {
        Assert.Equal(rotated / 2, frequencies.Length);
        for (int pair = 0; pair < frequencies.Length; pair++)
        {
            double expected = Math.Pow(ropeBase, -2.0 * pair / rotated) / divisor(pair);
            Assert.Equal(expected, frequencies[pair], Math.Max(1e-6, 1e-3 * expected));
        }
    }
}
