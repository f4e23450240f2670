using KvNorm.Runtime;
using KvNorm.Tests.Gguf;
using LLama.Native;

namespace KvNorm.Tests.Runtime;

public sealed class WeightPlacementTests
{
    [Fact]
    public void ApplyTo_NothingSaid_LeavesTheDefaults()
    {
        LLamaModelParams parameters = new WeightPlacement().ApplyTo(LLamaModelParams.Default());
        LlamaLayout.Verify("", parameters, LLamaContextParams.Default());
    }

    [Fact]
    public void ApplyTo_EverythingSaid_IsPassedOn()
    {
        WeightPlacement placement = new(GpuLayers: 7, MainGpu: 2, SplitMode: GPUSplitMode.Row, MemoryMapped: false);
        LLamaModelParams parameters = placement.ApplyTo(LLamaModelParams.Default());
        Assert.Equal(
            (7, 2, GPUSplitMode.Row, LLamaLoadMode.None),
            (parameters.n_gpu_layers, parameters.main_gpu, parameters.split_mode, parameters.load_mode));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 4)] // llama.cpp reads as many as there may be devices
    [InlineData(6, 6)]
    public void Proportions_SomeGiven_AreForEveryDevice(int given, int expected)
    {
        float[] split = [.. Enumerable.Range(1, given).Select(static share => (float)share)];
        float[] proportions = new WeightPlacement(TensorSplit: split).Proportions(4);
        Assert.Equal(expected, proportions.Length);
        Assert.Equal(split, proportions[..given]);
        Assert.All(proportions[given..], static share => Assert.Equal(0, share));
    }

    [Fact]
    public void Load_PlacementWithoutAGpu_LoadsAsOtherwise()
    {
        WeightPlacement placement = new(GpuLayers: 0, SplitMode: GPUSplitMode.Layer, TensorSplit: [3, 1]);
        using LlamaModel model = LlamaModel.Load(TinyModel.Write(), placement);
        Assert.True(model.LayerCount > 0);
    }
}
