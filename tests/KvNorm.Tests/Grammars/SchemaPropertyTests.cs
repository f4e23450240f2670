using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Xunit;
using KvNorm.Grammars;
using NJsonSchema;

namespace KvNorm.Tests.Grammars;

/// <summary>Grammars of any schemas, judged by llama.cpp and by a validator.</summary>
public sealed class SchemaPropertyTests
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(Compact) { WriteIndented = true };
    private static readonly JsonNode?[] Garbage =
    [
        null, true, false, -1, 1.5, 1e300, "x", "#", "#/definitions/none", new JsonArray(), new JsonArray(1, null, "object"),
        new JsonObject(), new JsonObject { ["type"] = 7 },
    ];
    private static readonly string[] Keywords =
    [
        "type", "properties", "required", "items", "anyOf", "allOf", "$ref", "enum", "const", "minimum", "maxLength", "minItems", "pattern",
        "format", "additionalProperties", "nullable",
    ];

    [Property(MaxTest = 60)]
    public void Grammar_TextDrawnFromIt_SatisfiesTheSchema(DoNotSize<int> seed)
    {
        Random random = new(seed.Item);
        string schema = new SchemaSource(random).Draw().ToJsonString(Compact);
        string grammar = SchemaGrammarTests.Grammar(schema);
        JsonSchema judge = JsonSchema.FromJsonAsync(schema).GetAwaiter().GetResult();
        for (int i = 0; i < 3; i++)
        {
            if (GrammarMatcher.Draw(grammar, random) is { } text)
                Assert.True(
                    judge.Validate(text).Count == 0, $"{text}\nis no instance of\n{schema}\n{string.Join('\n', judge.Validate(text))}");
        }
    }

    [Property(MaxTest = 60)]
    public void Grammar_InstanceOfTheSchema_IsAccepted(DoNotSize<int> seed)
    {
        Random random = new(seed.Item);
        SchemaSource source = new(random);
        JsonObject schema = source.Draw();
        string grammar = SchemaGrammarTests.Grammar(schema.ToJsonString(Compact));
        JsonSchema judge = JsonSchema.FromJsonAsync(schema.ToJsonString(Compact)).GetAwaiter().GetResult();
        for (int i = 0; i < 3; i++)
        {
            JsonNode? instance = source.Instance(schema, schema);
            Assert.Empty(judge.Validate(AsModelsWrite(instance, Compact)));
            foreach (JsonSerializerOptions options in new[] { Compact, Indented })
            {
                string text = AsModelsWrite(instance, options);
                Assert.True(GrammarMatcher.Accepts(grammar, text), $"{text}\nis refused by the grammar of\n{schema.ToJsonString(Compact)}");
            }
        }
    }

    [Property(MaxTest = 60)]
    public void Grammar_InstanceOfAnotherSchema_IsAcceptedOnlyIfItSatisfiesThisOneToo(DoNotSize<int> seed)
    {
        Random random = new(seed.Item);
        SchemaSource source = new(random);
        string schema = source.Draw().ToJsonString(Compact);
        string grammar = SchemaGrammarTests.Grammar(schema);
        JsonSchema judge = JsonSchema.FromJsonAsync(schema).GetAwaiter().GetResult();
        for (int i = 0; i < 5; i++)
        {
            JsonObject other = source.Draw();
            string text = AsModelsWrite(source.Instance(other, other), Compact);
            Assert.True(
                !GrammarMatcher.Accepts(grammar, text) || judge.Validate(text).Count == 0,
                $"{text}\nis accepted by the grammar of\n{schema}");
        }
    }

    // Whatever a schema looks like: it is converted into something that llama.cpp takes, or what is wrong is said with its place.
    [Property(MaxTest = 300)]
    public void Grammar_DamagedSchema_IsConvertedOrTold(DoNotSize<int> seed)
    {
        Random random = new(seed.Item);
        JsonObject schema = new SchemaSource(random).Draw();
        for (int i = 0; i <= random.Next(3); i++)
            Damage(schema, random);
        try
        {
            Assert.NotNull(GrammarMatcher.Draw(SchemaGrammarTests.Grammar(schema.ToJsonString(Compact)), random, 5000) ?? "");
        }
        catch (ArgumentException e)
        {
            Assert.Contains("'#", e.Message, StringComparison.Ordinal);
        }
    }

    [Property(MaxTest = 100)]
    public void Json_TextDrawnFromIt_IsJson(DoNotSize<int> seed)
    {
        GrammarBuilder builder = new();
        if (GrammarMatcher.Draw(builder.Build(builder.Json()), new Random(seed.Item)) is { } text)
            JsonDocument.Parse(text).Dispose();
    }

    private static string AsModelsWrite(JsonNode? instance, JsonSerializerOptions options) =>
        instance?.ToJsonString(options) ?? "null";

    private static void Damage(JsonObject schema, Random random)
    {
        JsonObject target = schema;
        while (random.Next(3) > 0 && target.Select(static member => member.Value).OfType<JsonObject>().ToArray() is { Length: > 0 } parts)
            target = parts[random.Next(parts.Length)];
        string[] names = [.. target.Select(static member => member.Key), Keywords[random.Next(Keywords.Length)]];
        target[names[random.Next(names.Length)]] = Garbage[random.Next(Garbage.Length)]?.DeepClone();
    }
}
