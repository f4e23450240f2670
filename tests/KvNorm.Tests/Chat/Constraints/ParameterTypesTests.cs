using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using KvNorm.Chat.Constraints;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Requests;
using KvNorm.Tests.Chat.Replies;
using KvNorm.Tests.Grammars;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Constraints;

/// <summary>Functions of any .NET types: every call that their grammar lets through can be made.</summary>
public sealed class ParameterTypesTests
{
    private const int Draws = 1000;

    private static readonly JsonSerializerOptions Texts = new(AIJsonUtilities.DefaultOptions) { IncludeFields = true };
    private static readonly JsonSerializerOptions Numbers = new(JsonSerializerDefaults.General)
    {
        IncludeFields = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    public enum Level
    {
        Low,
        High = 7,
    }

    public static TheoryData<Type> Types =>
    [
        typeof(bool), typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong),
        typeof(Int128), typeof(UInt128), typeof(Half), typeof(float), typeof(double), typeof(decimal), typeof(char), typeof(string),
        typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan), typeof(Guid),
        typeof(Uri), typeof(Version), typeof(byte[]), typeof(Memory<byte>), typeof(ReadOnlyMemory<byte>), typeof(Level),
        typeof(bool?), typeof(byte?), typeof(long?), typeof(Half?), typeof(decimal?), typeof(char?), typeof(DateTime?), typeof(DateOnly?),
        typeof(TimeOnly?), typeof(TimeSpan?), typeof(Guid?), typeof(Level?),
        typeof(Point), typeof(Tree), typeof(Shape), typeof(int[]), typeof(List<TimeOnly>), typeof(HashSet<byte>),
        typeof(IReadOnlyList<Point>),
        typeof(Dictionary<string, short>), typeof(Dictionary<int, string>), typeof(Dictionary<Level, byte>),
        typeof(IReadOnlyDictionary<Guid, DateTimeOffset>), typeof(SortedDictionary<byte, bool>), typeof(Dictionary<long, Level?>),
        typeof(Tuple<int, string>), typeof(ValueTuple<byte, TimeSpan>), typeof(KeyValuePair<string, sbyte>),
        typeof(JsonElement), typeof(JsonNode), typeof(JsonObject), typeof(JsonArray), typeof(object),
    ];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Invoke_AnyCallOfTheGrammar_IsTaken(Type type)
    {
        foreach (JsonSerializerOptions options in new[] { Texts, Numbers })
        {
            MethodInfo method = typeof(ParameterTypesTests).GetMethod(nameof(Function), BindingFlags.NonPublic | BindingFlags.Static)!;
            AIFunction function = (AIFunction)method.MakeGenericMethod(type).Invoke(null, [options])!;
            ToolRequest request = new([function], true, null, false);
            GrammarDrawer drawer = new(ToolGrammar.Forced(ToolCallFormat.Generic, request).Text);
            Random random = new(11);
            for (int i = 0; i < Draws / 2; i++)
            {
                string text = drawer.Draw(random);
                AIContent content = Spoken.Contents(ToolCallFormat.Generic, null, [text], tools: [function]).Single();
                FunctionCallContent call = (FunctionCallContent)content;
                AIFunctionArguments arguments = new(call.Arguments, StringComparer.Ordinal);
                Exception? e = await Record.ExceptionAsync(async () => await function.InvokeAsync(arguments));
                Assert.True(e is null && call.Exception is null, $"{text}\n{e ?? call.Exception}\n{function.JsonSchema}");
            }
        }
    }

    // The application has made a schema of its own, which holds.
    [Fact]
    public void Of_SchemaThatIsNotTheMethods_IsTakenAsItIs()
    {
        AIFunction function = AIFunctionFactory.Create(
            static (byte value) => value,
            new AIFunctionFactoryOptions
            {
                JsonSchemaCreateOptions = new AIJsonSchemaCreateOptions
                {
                    TransformSchemaNode = static (_, node) =>
                    {
                        if (node is JsonObject own)
                            own["title"] = "own";
                        return node;
                    },
                },
            });
        Assert.True(JsonElement.DeepEquals(function.JsonSchema, ArgumentSchema.Of(function)));
    }

    [Fact]
    public void Of_Range_IsAddedWhereTheSchemaHasNone()
    {
        AIFunction function = AIFunctionFactory.Create(
            static (byte plain, [System.ComponentModel.DataAnnotations.Range(3, 5)] byte bounded, CancellationToken token) =>
                plain + bounded);
        JsonElement properties = ArgumentSchema.Of(function).GetProperty("properties");
        Assert.Equal(255, properties.GetProperty("plain").GetProperty("maximum").GetInt32());
        Assert.Equal(5, properties.GetProperty("bounded").GetProperty("maximum").GetInt32());
    }

    private static AIFunction Function<T>(JsonSerializerOptions options) =>
        AIFunctionFactory.Create((T value) => value is null ? 0 : 1, "take", "Takes it", options);

    public sealed record Point(short X, Half Y, TimeOnly? When, Level Level);

    public sealed record Tree(string Name, IReadOnlyList<Tree> Children, IReadOnlyDictionary<Level, Tree>? Named = null);

    [JsonDerivedType(typeof(Circle), "circle")]
    [JsonDerivedType(typeof(Box), "box")]
    public abstract record Shape(byte Id);

    public sealed record Circle(byte Id, float Radius) : Shape(Id);

    public sealed record Box(byte Id, decimal Width, TimeSpan? Age) : Shape(Id);
}
