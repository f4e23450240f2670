using LLama;
using LLama.Common;
using LLama.Exceptions;
using LLama.Native;

namespace KvNorm.Cli.Bench;

/// <summary>The weights of the model that is measured.</summary>
internal static class ModelWeights
{
    /// <summary>Loads them as an application does that shares them between clients.</summary>
    /// <exception cref="InvalidDataException">It is no model that can be loaded.</exception>
    public static LLamaWeights Load(string path)
    {
        KvNormModelFile.Read(path); // says what is wrong with the file, which LLamaSharp does not
        NativeLogConfig.llama_log_set((_, _) => { }); // else llama.cpp writes pages to standard error
        try
        {
            return LLamaWeights.LoadFromFile(new ModelParams(path) { GpuLayerCount = -1 });
        }
        catch (LoadWeightsFailedException e)
        {
            throw new InvalidDataException($"The model '{path}' could not be loaded; `kvnorm info --model` says why.", e);
        }
    }
}
