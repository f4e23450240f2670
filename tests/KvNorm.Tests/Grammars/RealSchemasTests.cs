using System.Text.Encodings.Web;
using System.Text.Json;
using KvNorm.Grammars;

namespace KvNorm.Tests.Grammars;

/// <summary>
/// Schemas in the shapes that servers of tools and generators write, with values that satisfy them and values that do not (Schemas/*.json).
/// </summary>
public sealed class RealSchemasTests
{
    private const int Draws = 20;

    private static readonly JsonSerializerOptions Letters = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly Dictionary<string, JsonElement> Cases = Directory
        .GetFiles(Path.Combine(AppContext.BaseDirectory, "Grammars", "Schemas"), "*.json")
        .SelectMany(static file => JsonElement.Parse(File.ReadAllBytes(file)).EnumerateArray()
            .Select(one => ($"{Path.GetFileNameWithoutExtension(file)}: {one.GetProperty("name").GetString()}", one)))
        .ToDictionary(StringComparer.Ordinal);

    public static TheoryData<string> Names => [.. Cases.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Schema_AsItIsMet_TakesWhatSatisfiesItAndNothingElse(string name)
    {
        JsonElement one = Cases[name];
        GrammarBuilder builder = new(closedObjects: true);
        string grammar = builder.Build(builder.Schema("answer", one.GetProperty("schema")));
        foreach (JsonElement value in one.GetProperty("valid").EnumerateArray())
            Assert.True(GrammarMatcher.Accepts(grammar, JsonSerializer.Serialize(value, Letters)), $"{value} should be accepted");
        foreach (JsonElement value in one.GetProperty("invalid").EnumerateArray())
            Assert.False(GrammarMatcher.Accepts(grammar, JsonSerializer.Serialize(value, Letters)), $"{value} should be refused");
    }

    // Two readers of a grammar agree on what is drawn from it.
    [Theory]
    [MemberData(nameof(Names))]
    public void Schema_TextDrawnFromItsGrammar_IsJsonThatItTakes(string name)
    {
        GrammarBuilder builder = new(closedObjects: true);
        string grammar = builder.Build(builder.Schema("answer", Cases[name].GetProperty("schema")));
        GrammarDrawer drawer = new(grammar);
        Random random = new(5);
        for (int i = 0; i < Draws; i++)
        {
            string text = drawer.Draw(random);
            JsonElement.Parse(text);
            Assert.True(i > 0 || GrammarMatcher.Accepts(grammar, text), text);
        }
    }

    [Fact]
    public void Cases_AreManyAndOfManyKinds() => Assert.InRange(Cases.Count, 60, int.MaxValue);
}
