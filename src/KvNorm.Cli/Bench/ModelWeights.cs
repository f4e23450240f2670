using LLama;
using LLama.Common;
using LLama.Native;

namespace KvNorm.Cli.Bench;

/// <summary>The weights of the model that is measured.</summary>
internal static class ModelWeights
{
    /// <summary>Loads them as an application does that shares them between clients.</summary>
    public static LLamaWeights Load(string path)
    {
        NativeLogConfig.llama_log_set((_, _) => { }); // else llama.cpp writes pages to standard error
        return LLamaWeights.LoadFromFile(new ModelParams(path) { GpuLayerCount = -1 });
    }
}
