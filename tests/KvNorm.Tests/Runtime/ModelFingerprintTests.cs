using KvNorm.Runtime;
using KvNorm.Runtime.Gguf;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Runtime;

public sealed class ModelFingerprintTests : IDisposable
{
    private static readonly byte[] Model = TinyModel.Bytes(new TinyModelSettings { Layers = 1 });

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Of_SameContent_IsTheSameWhateverTheName()
    {
        byte[] fingerprint = FingerprintOf("a", Model);
        Assert.Equal(ModelFingerprint.Length, fingerprint.Length);
        Assert.Equal(fingerprint, FingerprintOf("b", Model));
    }

    [Fact]
    public void Of_AnotherByteInAnyTensor_IsAnother()
    {
        byte[] fingerprint = FingerprintOf("a", Model);
        GgufFile file = Assert.Single(GgufFile.Read(_folder.Write("a", Model)));
        foreach (GgufTensor tensor in file.Header.Tensors.Values)
        {
            Assert.NotEqual(fingerprint, FingerprintOf("b", Changed(tensor.Start)));
            Assert.NotEqual(fingerprint, FingerprintOf("b", Changed(tensor.Start + tensor.Length - 1)));
        }
    }

    [Fact]
    public void Of_AnotherByteInTheTemplate_IsAnother()
    {
        int at = new GgufFields(Model).Value("tokenizer.chat_template", 1).Start.Value;
        Assert.NotEqual(FingerprintOf("a", Model), FingerprintOf("b", Changed(at)));
    }

    [Fact]
    public void Of_LongerFile_IsAnother() => Assert.NotEqual(FingerprintOf("a", Model), FingerprintOf("b", [.. Model, 0]));

    [Fact]
    public void Of_PartThatEndsBeforeItsData_IsOfAllItsBytes()
    {
        GgufWriter writer = new();
        writer.Add("general.architecture", "llama");
        writer.Add("general.alignment", 1u << 20); // where tensors would begin
        byte[] part = writer.ToArray(), other = [.. part];
        other[part.AsSpan().IndexOf("llama"u8)]++;
        Assert.Equal(Of("a", part), Of("b", part));
        Assert.NotEqual(Of("a", part), Of("b", other));

        byte[] Of(string name, byte[] content)
        {
            string path = _folder.Write(name, content);
            return ModelFingerprint.Of([new GgufFile(path, GgufFile.ReadHeader(path))]);
        }
    }

    [Fact]
    public void Fingerprint_FileReplacedAfterLoading_IsThatOfWhatWasLoaded()
    {
        string path = _folder.Write("model.gguf", Model);
        using LlamaModel model = LlamaModel.Load(path);
        File.Move(_folder.Write("other.gguf", TinyModel.Bytes(new TinyModelSettings { Layers = 1, Seed = 2 })), path, overwrite: true);
        Assert.Equal(FingerprintOf("copy", Model), model.Fingerprint);
    }

    [Fact]
    public void Load_FileReplacedMeanwhile_SaysSo()
    {
        string path = _folder.Write("model.gguf", Model), other = _folder.Write("other.gguf", Model);
        Replacement replacement = new(() => File.Move(other, path, overwrite: true));
        IOException e = Assert.Throws<IOException>(() => LlamaModel.Load(path, progress: replacement));
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Changed(long at)
    {
        byte[] other = [.. Model];
        other[at] ^= 1;
        return other;
    }

    private byte[] FingerprintOf(string name, byte[] content) => ModelFingerprint.Of(GgufFile.Read(_folder.Write(name, content)));

    private sealed class Replacement(Action replace) : IProgress<float>
    {
        private int _reports;

        public void Report(float value)
        {
            if (_reports++ == 0)
                replace();
        }
    }
}
