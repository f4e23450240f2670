using System.Buffers.Binary;
using KvNorm.Runtime.Gguf;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Runtime.Gguf;

/// <summary>What a header may say; each of these ended the process, or was an exception without file, key and value.</summary>
public sealed class GgufRulesTests : IDisposable
{
    private const int SecondLetter = TinyVocabulary.FirstByte + 256 + 1; // a token

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("llama.block_count", 0)]
    [InlineData("llama.block_count", 1 << 12)]
    [InlineData("llama.block_count", 3)]
    [InlineData("llama.context_length", 0)]
    [InlineData("llama.context_length", -1)]
    [InlineData("llama.embedding_length", 0)]
    [InlineData("llama.feed_forward_length", -1)]
    [InlineData("llama.vocab_size", 0)]
    [InlineData("llama.attention.head_count_kv", 3)]
    [InlineData("llama.attention.key_length", 0)]
    [InlineData("llama.attention.value_length", -1)]
    [InlineData("llama.rope.dimension_count", 31)]
    [InlineData("llama.rope.dimension_count", 1 << 20)]
    public void Read_ImpossibleNumber_NamesFileKeyAndValue(string key, int value) =>
        AssertRefused(key, $"{unchecked((uint)value)}", WriteAt(key, 0, field => BinaryPrimitives.WriteInt32LittleEndian(field, value)));

    [Theory]
    [InlineData("llama.attention.layer_norm_rms_epsilon", float.NaN)]
    [InlineData("llama.attention.layer_norm_rms_epsilon", -1)]
    [InlineData("llama.attention.layer_norm_epsilon", float.PositiveInfinity)]
    [InlineData("llama.rope.freq_base", 0)]
    [InlineData("llama.rope.freq_base", float.NaN)]
    public void Read_ImpossibleReal_NamesFileKeyAndValue(string key, float value) =>
        AssertRefused(
            key, FormattableString.Invariant($"{value}"), WriteAt(key, 0, field => BinaryPrimitives.WriteSingleLittleEndian(field, value)));

    [Theory]
    [InlineData("llama.attention.head_count", "blk.0.attn_q.weight")]
    [InlineData("llama.attention.key_length", "llama.rope.dimension_count")]
    [InlineData("llama.attention.value_length", "blk.0.attn_v.weight")]
    public void Read_HeadsThatDoNotFit_NamesWhatContradictsThem(string key, string contradicting) =>
        AssertRefused(contradicting, "64", WriteAt(key, 0, static field => BinaryPrimitives.WriteInt32LittleEndian(field, 64)));

    [Fact]
    public void Read_ScoresOfFewerTokens_SaysSo() => AssertRefused(
        "tokenizer.ggml.scores",
        $"{TinyVocabulary.Count} x Float32",
        WriteAt("tokenizer.ggml.scores", 0, static type => BinaryPrimitives.WriteUInt32LittleEndian(type, (uint)GgufType.Int32)));

    [Fact]
    public void Read_TokenTwice_SaysWhich() => AssertRefused(
        "tokenizer.ggml.tokens", "'a'", WriteAt("tokenizer.ggml.tokens", TextOfToken(SecondLetter), static text => text[0] = (byte)'a'));

    [Fact]
    public void Read_UnknownRopeScaling_SaysSo() => AssertRefused(
        "llama.rope.scaling.type",
        "'yarm'",
        WriteAt("llama.rope.scaling.type", 1, static text => text[^1] = (byte)'m', new TinyModelSettings { YarnFactor = 2 }));

    [Theory]
    [InlineData("llama")]
    [InlineData("qwen2")]
    [InlineData("stablelm")]
    [InlineData("gemma3")]
    public void Read_SoundModel_Passes(string architecture) =>
        Assert.Single(GgufFile.Read(TinyModel.Write(new TinyModelSettings { Architecture = architecture, Layers = 6 })));

    [Fact]
    public void Read_EmbeddedModel_Passes() => Assert.Single(GgufFile.Read(EmbeddedModel.Path));

    public void Dispose() => _folder.Dispose();

    private static byte[] WriteAt(string key, int place, Action<Span<byte>> write, TinyModelSettings? settings = null)
    {
        byte[] file = TinyModel.Bytes(settings ?? new TinyModelSettings());
        write(file.AsSpan(new GgufFields(file).Value(key, place)));
        return file;
    }

    // Behind the type and the count, each has a length and a text.
    private static int TextOfToken(int token) => 2 + (2 * token) + 1;

    private void AssertRefused(string key, string value, byte[] file)
    {
        string path = _folder.Write("model.gguf", file);
        string message = Assert.Throws<InvalidDataException>(() => GgufFile.Read(path)).Message;
        Assert.All([path, key, value], part => Assert.Contains(part, message, StringComparison.Ordinal));
    }
}
