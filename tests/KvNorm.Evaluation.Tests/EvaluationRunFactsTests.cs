namespace KvNorm.Evaluation.Tests;

public sealed class EvaluationRunFactsTests
{
    private static readonly EvaluationRunFacts Facts =
        new("model", 100, 1, "text", "print", [], [], "library", "commit", "cpu", 1, DateTime.UnixEpoch);

    [Fact]
    public void DiffersFrom_AnotherTypeOfCache_SaysWhich()
    {
        Assert.Null(Facts.DiffersFrom(Facts with { Started = DateTime.UnixEpoch.AddDays(1) }));
        Assert.Equal("a cache of q8_0, f16", Facts.DiffersFrom(Facts with { CacheTypes = "q8_0, f16" }));
    }

    [Fact]
    public void DiffersFrom_AnotherArchive_SaysWhich() =>
        Assert.Equal("an archive of 4096 bytes", (Facts with { ArchiveBytes = 1 }).DiffersFrom(Facts with { ArchiveBytes = 4096 }));

    [Fact]
    public void DiffersFrom_ArchiveThatWasNotWrittenDown_IsNone() => Assert.Null((Facts with { ArchiveBytes = 1 }).DiffersFrom(Facts));

    [Fact]
    public void DiffersFrom_AnotherModelOfTheSameName_IsToldByItsCells() =>
        Assert.Equal("the model model", Facts.DiffersFrom(Facts with { BytesPerCell = 101 }));
}
