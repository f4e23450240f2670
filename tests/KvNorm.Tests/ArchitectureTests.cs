using System.Reflection;
using System.Text.RegularExpressions;
using KvNorm.Tests.Documents;
using NetArchTest.Rules;

namespace KvNorm.Tests;

/// <summary>
/// The rooms of the library: which folder may know which. The root is left out: it holds the public types, which use everything and which
/// everything uses.
/// </summary>
public sealed partial class ArchitectureTests
{
    private const string Root = "KvNorm";
    private const int RegexMilliseconds = 1000;

    private static readonly Assembly Library = typeof(KvNormChatClient).Assembly;

    private static readonly ILookup<string, string> TypesByFolder = Library.GetTypes()
        .Where(static type => !type.IsNested && type.Namespace?.StartsWith(Root + ".", StringComparison.Ordinal) == true)
        .ToLookup(static type => type.Namespace![(Root.Length + 1)..], static type => type.FullName!, StringComparer.Ordinal);

    private static readonly string[] Folders = [.. TypesByFolder.Select(static folder => folder.Key).Order(StringComparer.Ordinal)];

    private static readonly Lazy<IReadOnlyList<(string From, string To)>> Edges = new(static () => [.. FindEdges()]);

    private static readonly string Sources = Repository.PathOf(Path.Combine("src", Root));

    public static TheoryData<string, string[]> Rooms() => new()
    {
        { "Chat", ["KvCache", "Runtime", "Grammars", "Jinja"] },
        { "KvCache", ["Runtime"] },
        { "Runtime", ["Grammars"] }, // a sampler is held to a grammar
        { "Grammars", [] },
        { "Hosting", [] }, // services and options over the public types of the root
        { "Jinja", [] },
    };

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Room_Dependencies_AreThoseAllowed(string room, string[] allowed)
    {
        IEnumerable<(string From, string To)> edges = Edges.Value.Where(edge => RoomOf(edge.From) == room && RoomOf(edge.To) != room);
        Assert.DoesNotContain(edges, edge => !allowed.Contains(RoomOf(edge.To), StringComparer.Ordinal));
    }

    [Fact]
    public void Folders_TheirRooms_AreInTheTable()
    {
        IEnumerable<string> known = Rooms().Select(static row => (string)row[0]);
        Assert.Empty(Folders.Select(RoomOf).Except(known, StringComparer.Ordinal));
    }

    [Fact]
    public void Folders_DependOnEachOther_WithoutCircles()
    {
        List<(string From, string To)> edges = [.. Edges.Value];
        Assert.Contains(("KvCache.Slots", "KvCache.Eviction"), edges); // edges are found at all
        while (edges.RemoveAll(edge => !edges.Exists(next => next.From == edge.To)) > 0)
        {
            // What leads to a folder without dependencies is in no circle.
        }

        string circles = string.Join(", ", edges.Select(static edge => $"{edge.From} -> {edge.To}"));
        Assert.True(circles.Length == 0, $"In circles, or leading to one: {circles}");
    }

    [Fact]
    public void Files_Namespace_IsTheirFolder()
    {
        foreach (string file in Files())
        {
            string folder = Path.GetDirectoryName(Path.GetRelativePath(Sources, file))!.Replace(Path.DirectorySeparatorChar, '.');
            Match declared = NamespaceDeclaration().Match(File.ReadAllText(file));
            string name = declared.Groups["name"].Value;
            bool extendsOthers = folder.Length == 0 && name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal);
            Assert.True(!declared.Success || extendsOthers || name == $"{Root}.{folder}".TrimEnd('.'), file);
        }
    }

    [Fact]
    public void Files_Unsafe_AreInRuntimeOnly()
    {
        IEnumerable<string> folders = Files()
            .Where(static file => UnsafeWord().IsMatch(Comment().Replace(File.ReadAllText(file), "")))
            .Select(static file => Path.GetRelativePath(Sources, Path.GetDirectoryName(file)!));
        Assert.Equal("Runtime", Assert.Single(folders.Distinct(StringComparer.Ordinal)));
    }

    [Fact]
    public void Projects_UnsafeBlocks_AreAllowedInTheLibraryOnly()
    {
        IEnumerable<string> projects = Directory.GetFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories)
            .Where(static project => File.ReadAllText(project).Contains("AllowUnsafeBlocks", StringComparison.Ordinal));
        Assert.Equal($"{Root}.csproj", Path.GetFileName(Assert.Single(projects)));
    }

    private static string RoomOf(string folder) => folder.Split('.')[0];

    // Dependencies are looked for by the full names of types, since the name of a namespace would match those inside of it, too.
    private static IEnumerable<(string From, string To)> FindEdges()
    {
        foreach (string user in Folders)
        {
            foreach (string used in Folders)
            {
                PredicateList users = Types.InAssembly(Library).That().ResideInNamespaceMatching($"^{Root}\\.{Regex.Escape(user)}$");
                if (used != user && users.And().HaveDependencyOnAny([.. TypesByFolder[used]]).GetTypes().Any())
                    yield return (user, used);
            }
        }
    }

    private static IEnumerable<string> Files() => Directory.EnumerateFiles(Sources, "*.cs", SearchOption.AllDirectories)
        .Where(static file => !BuildOutput().IsMatch(Path.GetRelativePath(Sources, file)));

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture, RegexMilliseconds)]
    private static partial Regex NamespaceDeclaration();

    [GeneratedRegex("//.*", RegexOptions.None, RegexMilliseconds)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\bunsafe\b", RegexOptions.None, RegexMilliseconds)]
    private static partial Regex UnsafeWord();

    [GeneratedRegex(@"^(bin|obj)\b", RegexOptions.ExplicitCapture, RegexMilliseconds)]
    private static partial Regex BuildOutput();
}
