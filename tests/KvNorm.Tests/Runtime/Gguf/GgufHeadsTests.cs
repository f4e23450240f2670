using KvNorm.Runtime.Gguf;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Runtime.Gguf;

public sealed class GgufHeadsTests
{
    // As files of DeepSeek-V2-Lite say it: the cache holds 576 elements of one head, queries have 16 heads of 192.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Require_LatentAttention_TakesQueriesOfTheirOwnLength(bool isLatent)
    {
        GgufWriter writer = new();
        writer.Add("general.architecture", "deepseek2");
        writer.Add("deepseek2.attention.head_count", 16u);
        writer.Add("deepseek2.attention.head_count_kv", 1u);
        writer.Add("deepseek2.attention.key_length", 576u);
        writer.Add("deepseek2.attention.value_length", 512u);
        if (isLatent)
            writer.Add("deepseek2.attention.key_length_mla", 192u);
        writer.AddTensor("blk.0.attn_q.weight", new float[8 * 16 * 192], 8, 16 * 192);
        using MemoryStream file = new(writer.ToArray()) { Position = "GGUF"u8.Length };
        GgufHeader header = GgufHeader.Read(file, "model.gguf");

        Exception? e = Record.Exception(() => GgufHeads.Require(header, [.. header.Tensors.Values]));
        Assert.Equal(isLatent, e is null);
    }
}
