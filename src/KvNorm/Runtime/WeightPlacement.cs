using LLama.Native;

namespace KvNorm.Runtime;

/// <summary>Where a model's weights go.</summary>
/// <param name="GpuLayers">Layers on GPUs; null for llama.cpp's own choice, which is all that fit.</param>
/// <param name="MainGpu">The GPU that takes all where nothing is split.</param>
/// <param name="SplitMode">How several GPUs share the layers; null for llama.cpp's own choice.</param>
/// <param name="TensorSplit">What each GPU takes, in proportion; null for llama.cpp's own choice, by free memory.</param>
/// <param name="MemoryMapped">Whether the weights stay in the file, or are read into memory of their own.</param>
internal sealed record WeightPlacement(
    int? GpuLayers = null,
    int MainGpu = 0,
    GPUSplitMode? SplitMode = null,
    IReadOnlyList<float>? TensorSplit = null,
    bool MemoryMapped = true)
{
    /// <summary>Sets everything but the tensor split, which is a pointer.</summary>
    public LLamaModelParams ApplyTo(LLamaModelParams parameters)
    {
        parameters.n_gpu_layers = GpuLayers ?? parameters.n_gpu_layers;
        parameters.main_gpu = MainGpu;
        parameters.split_mode = SplitMode ?? parameters.split_mode;
        parameters.load_mode = MemoryMapped ? LLamaLoadMode.MemoryMap : LLamaLoadMode.None;
        return parameters;
    }

    /// <summary>The tensor split with a number for every device that llama.cpp may know; empty for its own choice.</summary>
    public float[] Proportions(int devices)
    {
        if (TensorSplit is not { Count: > 0 } split)
            return [];
        float[] proportions = new float[Math.Max(devices, split.Count)]; // llama.cpp reads one for each, whatever was given
        for (int i = 0; i < split.Count; i++)
            proportions[i] = split[i];
        return proportions;
    }
}
