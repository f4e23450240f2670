using KvNorm.Jinja.Tests.Oracle;

namespace KvNorm.Tests.Documents;

/// <summary>
/// docs/compatibility.md says what is. With KVNORM_UPDATE_DOCS=1 in the environment it is written anew instead.
/// </summary>
public sealed class CompatibilityDocumentTests
{
    private static readonly string Document = Repository.PathOf("docs/compatibility.md");
    private static readonly bool Updates = Environment.GetEnvironmentVariable("KVNORM_UPDATE_DOCS") == "1";

    [RealTemplatesTheory]
    [InlineData("templates")]
    public void Templates_AreAsFound(string part) => Check(part, CompatibilityDocument.Templates());

    [Fact]
    public void Keywords_AreAsInTheTable() => Check("keywords", CompatibilityDocument.Keywords());

    [Fact]
    public void Versions_AreThoseOfTheTests() => Check("versions", CompatibilityDocument.Versions());

    private static void Check(string part, string found)
    {
        string start = $"<!-- found: {part} -->\n", end = $"<!-- end of {part} -->\n", text = File.ReadAllText(Document);
        int from = text.IndexOf(start, StringComparison.Ordinal) + start.Length, to = text.IndexOf(end, StringComparison.Ordinal);
        if (Updates)
            File.WriteAllText(Document, text[..from] + found + text[to..]);
        else
            Assert.Equal(found, text[from..to]);
    }
}
