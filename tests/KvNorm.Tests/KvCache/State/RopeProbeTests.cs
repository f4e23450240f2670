using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.KvCache.State;

public sealed class RopeProbeTests
{
    [Theory]
    [InlineData("llama")]
    [InlineData("qwen2")]
    [InlineData("stablelm")]
    public void Measure_PlainRope_HoldsAndIsSharedByTheLayers(string architecture)
    {
        using Rig rig = new(new TinyModelSettings { Architecture = architecture });
        (IReadOnlyList<double[]?>? frequencies, string reason) = rig.Probe.Measure();
        Assert.Equal("", reason);
        Assert.Same(frequencies![0], frequencies[1]); // one table of rotations serves both
        Assert.True(rig.Probe.Holds(frequencies));
    }

    [Theory]
    [InlineData(1.001)]
    [InlineData(0.5)]
    [InlineData(0)]
    [InlineData(double.NaN)]
    public void Holds_OtherFrequencies_IsFalse(double factor)
    {
        using Rig rig = new(new TinyModelSettings());
        IReadOnlyList<double[]?> frequencies = rig.Probe.Measure().Frequencies!;
        Assert.False(rig.Probe.Holds([.. frequencies.Select(known => known!.Select(frequency => frequency * factor).ToArray())]));
    }

    [Fact]
    public void Holds_LayerThatIsSaidNotToTurn_IsFalse()
    {
        using Rig rig = new(new TinyModelSettings());
        IReadOnlyList<double[]?> frequencies = rig.Probe.Measure().Frequencies!;
        Assert.False(rig.Probe.Holds([frequencies[0], null]));
    }

    [Fact]
    public void Measure_MoreElementsRotatedThanAKeyHas_SaysWhy()
    {
        using Rig rig = new(new TinyModelSettings(), new CacheGeometry([new LayerGeometry(4, 16, 16), new LayerGeometry(4, 16, 16)]));
        (IReadOnlyList<double[]?>? frequencies, string reason) = rig.Probe.Measure();
        Assert.Null(frequencies);
        Assert.Contains("32 elements", reason, StringComparison.Ordinal);
    }

    private sealed class Rig : IDisposable
    {
        private readonly LlamaModel _model;
        private readonly LlamaContext _context;
        private readonly StateBuffer _buffer = new();

        public Rig(TinyModelSettings settings, CacheGeometry? geometry = null)
        {
            _model = TinyModel.Load(settings);
            _context = new LlamaContext(_model, new LlamaContextSettings(256, 8, 1));
            Probe = new RopeProbe(_context.Sequences[0], _model, geometry ?? ModelProbe.Run(_model, 1).Geometry!, _buffer);
        }

        public RopeProbe Probe { get; }

        public void Dispose()
        {
            _buffer.Dispose();
            _context.Dispose();
            _model.Dispose();
        }
    }
}
