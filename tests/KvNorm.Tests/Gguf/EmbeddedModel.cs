using KvNorm.Runtime;

namespace KvNorm.Tests.Gguf;

/// <summary>
/// The model that comes with the library, loaded once for all tests. It is safe for concurrent reads and never disposed of.
/// </summary>
internal static class EmbeddedModel
{
    public static readonly string Path = new KvNormChatOptions().ModelPath;

    private static readonly Lazy<LlamaModel> Loaded = new(static () => LlamaModel.Load(Path));

    public static LlamaModel Model => Loaded.Value;
}
