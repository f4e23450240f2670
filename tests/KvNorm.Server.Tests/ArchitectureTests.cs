using System.Reflection;
using System.Text.RegularExpressions;

namespace KvNorm.Server.Tests;

/// <summary>The folders of the server: no circle between them. The root is left out: it puts the parts together.</summary>
public sealed partial class ArchitectureTests
{
    private const int RegexMilliseconds = 1000;

    private static readonly string Sources = Path.Combine(Repository.Root, "src", "KvNorm.Server");

    [Fact]
    public void Folders_DependOnEachOther_WithoutCircles()
    {
        List<(string From, string To)> edges = [.. Directory.GetDirectories(Sources)
            .Select(static folder => Path.GetFileName(folder))
            .Where(static folder => folder is not ("bin" or "obj" or "wwwroot"))
            .SelectMany(static folder => Uses(folder).Select(used => (folder, used)))];
        Assert.Contains(("Completions", "Api"), edges); // edges are found at all
        while (edges.RemoveAll(edge => !edges.Exists(next => next.From == edge.To)) > 0)
        {
            // What leads to a folder without dependencies is in no circle.
        }

        Assert.Empty(edges);
    }

    [Fact]
    public void KvNormServer_Library_IsUsedThroughItsPublicApi() => Assert.DoesNotContain(
        typeof(KvNormChatClient).Assembly.GetCustomAttributes<System.Runtime.CompilerServices.InternalsVisibleToAttribute>(),
        static attribute => attribute.AssemblyName == "KvNorm.Server");

    private static IEnumerable<string> Uses(string folder) => Directory.GetFiles(Path.Combine(Sources, folder), "*.cs")
        .SelectMany(static file => Using().Matches(File.ReadAllText(file)))
        .Select(static match => match.Groups["folder"].Value)
        .Distinct(StringComparer.Ordinal)
        .Where(used => used != folder);

    [GeneratedRegex(@"^using KvNorm\.Server\.(?<folder>\w+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture, RegexMilliseconds)]
    private static partial Regex Using();
}
