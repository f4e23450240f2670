namespace KvNorm;

/// <summary>A device that models run on.</summary>
/// <param name="Name">As llama.cpp names it, such as "CPU" or "CUDA0".</param>
/// <param name="Description">Such as "AMD EPYC".</param>
public sealed record KvNormDevice(string Name, string Description);
