using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Xunit;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Replies;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Replies;

public sealed class TaggedArgumentsTests
{
    private const string Properties = """
        {
          "type": "object",
          "properties": {
            "s": {"type": "string"}, "n": {"type": "integer"}, "a": {"type": "array"}, "any": {}, "maybe": {"type": ["string", "null"]},
            "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]}, "list": {"type": ["string", "array"]},
            "referred": {"$ref": "#/$defs/name"}
          },
          "$defs": {"name": {"type": "string"}}
        }
        """;

    private static readonly AIFunctionDeclaration Tool = Spoken.Tool("tool", Properties);

    public static TheoryData<string> Formats =>
        [.. Spoken.Formats.Where(static format => format.Shape == CallShape.Tagged).Select(static format => format.Name)];

    [Theory]
    [InlineData("s", "Rome", "\"Rome\"")]
    [InlineData("s", "5", "\"5\"")]
    [InlineData("s", "{\"x\":1}", "\"{\\\"x\\\":1}\"")]
    [InlineData("s", "", "\"\"")]
    [InlineData("s", "\nRome\n", "\"Rome\"")]
    [InlineData("s", "\n\n Rome \n\n", "\"\\n Rome \\n\"")]
    [InlineData("s", "a < b > c", "\"a < b > c\"")]
    [InlineData("n", "5", "5")]
    [InlineData("n", "\n -5 \n", "-5")]
    [InlineData("n", "five", "\"five\"")]
    [InlineData("n", "", "\"\"")]
    [InlineData("a", "[1,{\"x\":null}]", "[1,{\"x\":null}]")]
    [InlineData("a", "[1,", "\"[1,\"")]
    [InlineData("any", "true", "true")]
    [InlineData("s", "\r\nRome\r\n", "\"Rome\"")]
    [InlineData("s", "\r\n\r\nRome\n", "\"\\r\\nRome\"")]
    [InlineData("s", "use </function> and </parameter> here", "\"use </function> and </parameter> here\"")]
    [InlineData("maybe", "755", "\"755\"")]
    [InlineData("maybe", "null", "null")]
    [InlineData("maybe", " null ", "null")]
    [InlineData("maybe", "None", "\"None\"")]
    [InlineData("maybe", "{\"a\":1}", "\"{\\\"a\\\":1}\"")]
    [InlineData("either", "755", "\"755\"")]
    [InlineData("either", "true", "\"true\"")]
    [InlineData("either", "null", "\"null\"")]
    [InlineData("list", "[\"a\"]", "[\"a\"]")]
    [InlineData("list", "a", "\"a\"")]
    [InlineData("referred", "755", "\"755\"")]
    [InlineData("any", "True", "true")]
    [InlineData("any", "None", "null")]
    [InlineData("n", "None", "null")]
    [InlineData("undeclared", "1.50", "1.50")]
    public void ToJson_Value_IsJsonWhereTheSchemaWantsNoString(string key, string value, string expected) =>
        AssertJson($"{{\"{key}\":{expected}}}", Read($"\n<parameter={key}>{value}</parameter>\n"));

    [Theory]
    [InlineData("", "{}")]
    [InlineData("\n prose without marks", "{}")]
    [InlineData("<parameter=s>a</parameter><parameter=n>1</parameter>", """{"s":"a","n":1}""")]
    [InlineData(" and <parameter= s >a</parameter>\n\n<parameter=n>1</parameter>", """{"s":"a","n":1}""")]
    [InlineData("<parameter=s>cut of", "{}")]
    [InlineData("<parameter=s>a</parameter><parameter=n", """{"s":"a"}""")]
    [InlineData("<parameter=s>a</parameter><parameter=s>b</parameter>", """{"s":"a"}""")]
    [InlineData("<parameter=S>5</parameter>", """{"S":5}""")] // another name than s
    [InlineData("<parameter=a\"\\b>1</parameter>", """{"a\"\\b":1}""")]
    public void ToJson_Text_IsOneObjectOfItsPairs(string text, string expected) => AssertJson(expected, Read(text));

    [Fact]
    public void ToJson_KeyAndValueInTagsOfTheirOwn_ArePairs()
    {
        ToolCallFormat format = Spoken.Format("GLM");
        const string Text = "\n<arg_key>s</arg_key>\n<arg_value>5</arg_value>\n<arg_key>n</arg_key><arg_value>5</arg_value>";
        AssertJson("""{"s":"5","n":5}""", Read(Text, format, Tool));
        AssertJson("{}", Read("<arg_key>s</arg_key> no value", format, Tool));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{}")]
    [InlineData("true")]
    [InlineData("""{"properties":5}""")]
    [InlineData("""{"properties":{"s":true}}""")]
    public void ToJson_SchemaThatSaysLittle_ReadsWhatIsJson(string? schema)
    {
        AIFunctionDeclaration? tool = schema is null ? null : Spoken.Tool("t", schema);
        const string Text = "<parameter=s>5</parameter><parameter=t>five</parameter>";
        string json = Read(Text, Spoken.Format("Qwen3-Coder"), tool);
        AssertJson("""{"s":5,"t":"five"}""", json);
    }

    // What is written as a call is read as the same arguments.
    [Theory]
    [MemberData(nameof(Formats))]
    public void ToJson_WrittenArguments_AreTheSame(string name)
    {
        ToolCallFormat format = Spoken.Format(name);
        const string Arguments = """{"s":"7 \"<b>\" \\ é","n":-3,"a":["x",{"y":null}],"any":false}""";
        string text = ToolCallText.Write(format, [("tool", JsonElement.Parse(Arguments))]);
        int start = text.IndexOf("tool" + format.AfterName, StringComparison.Ordinal) + 4;
        int end = text.LastIndexOf(format.EndMark!, StringComparison.Ordinal);
        AssertJson(Arguments, Read(text[start..end], format, Tool));
    }

    [Property(MaxTest = 100)]
    public void ToJson_AnyText_IsAJsonObject(NonNull<string>[] parts, DoNotSize<int> seed)
    {
        string[] marks = ["<parameter=", ">", "</parameter>", "\n", "s", "n", "5", "\""];
        Random random = new(seed.Item);
        string text = string.Concat(parts.SelectMany(part => new[] { marks[random.Next(marks.Length)], part.Get }));
        using JsonDocument json = JsonDocument.Parse(Read(text));
        Assert.Equal(JsonValueKind.Object, json.RootElement.ValueKind);
        IEnumerable<string> names = json.RootElement.EnumerateObject().Select(static member => member.Name);
        Assert.Equal(names.Count(), names.Distinct(StringComparer.Ordinal).Count());
    }

    private static string Read(string text) => Read(text, Spoken.Format("Qwen3-Coder"), Tool);

    private static string Read(string text, ToolCallFormat format, AIFunctionDeclaration? tool)
    {
        TaggedExtent extent = new(format);
        extent.End(text + format.EndMark);
        return TaggedArguments.ToJson(extent.Arguments, tool);
    }

    private static void AssertJson(string expected, string actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), actual);
}
