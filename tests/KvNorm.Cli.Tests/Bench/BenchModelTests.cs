using KvNorm.Cli.Bench;

namespace KvNorm.Cli.Tests.Bench;

public sealed class BenchModelTests
{
    [Fact]
    public void Options_ChangedByOneSubject_AreNotAnothers()
    {
        BenchModel model = new("model.gguf", 2);
        KvNormChatOptions one = model.Options(2048);
        (one.Slots, one.Recall, one.ModelPath) = (4, false, "other.gguf");
        KvNormChatOptions other = model.Options(512);
        Assert.Equal(
            ("model.gguf", 2, 1, true, "512 cells"),
            (other.ModelPath, other.Threads, other.Slots, other.Recall, other.KvCacheBudget.ToString()));
    }
}
