using System.Text.Json;
using FsCheck;
using FsCheck.Xunit;
using KvNorm.Chat.Dialects;
using KvNorm.Tests.Chat.Replies;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Dialects;

public sealed class ToolCallTextTests
{
    private const string Rome = """{"city":"Rome","days":2}""";
    private const string ListedWeather = "{\"name\": \"weather\", \"arguments\": " + Rome + "}";
    private const string ListedTime = "{\"name\": \"time\", \"arguments\": {}}";

    public static TheoryData<string> Names => [.. Spoken.Formats.Select(static format => format.Name)];

    // A call of weather and one of time, without arguments.
    public static TheoryData<string, string[]> TwoCalls => new()
    {
        {
            "Hermes",
            [
                "<tool_call>\n{\"name\": \"weather\", \"arguments\": " + Rome + "}\n</tool_call>",
                "\n<tool_call>\n{\"name\": \"time\", \"arguments\": {}}\n</tool_call>",
            ]
        },
        { "Mistral", ["[TOOL_CALLS]weather[ARGS]" + Rome, "[TOOL_CALLS]time[ARGS]{}"] },
        { "Mistral list", ["[TOOL_CALLS][", ListedWeather, ", ", ListedTime, "]"] },
        { "Nemotron", ["<TOOLCALL>[", ListedWeather, ", ", ListedTime, "]</TOOLCALL>"] },
        {
            "Qwen3-Coder",
            [
                "<tool_call>\n<function=weather>\n<parameter=city>\nRome\n</parameter>\n",
                "<parameter=days>\n2\n</parameter>\n</function>\n</tool_call>",
                "\n<tool_call>\n<function=time>\n</function>\n</tool_call>",
            ]
        },
        {
            "MiniMax-M2",
            [
                "<minimax:tool_call>\n<invoke name=\"weather\">\n<parameter name=\"city\">Rome</parameter>\n",
                "<parameter name=\"days\">2</parameter>\n</invoke>\n<invoke name=\"time\">\n</invoke>\n</minimax:tool_call>",
            ]
        },
        {
            "DeepSeek V3.1",
            [
                "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>weather<｜tool▁sep｜>" + Rome + "<｜tool▁call▁end｜>",
                "<｜tool▁call▁begin｜>time<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            ]
        },
    };

    [Theory]
    [MemberData(nameof(TwoCalls))]
    public void Write_Calls_AreInTheModelsForm(string format, string[] parts)
    {
        string text = ToolCallText.Write(Spoken.Format(format), [("weather", JsonElement.Parse(Rome)), ("time", JsonElement.Parse("{}"))]);
        Assert.Equal(string.Concat(parts), text);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Write_Call_IsReadAsTheSameCall(string name)
    {
        ToolCallFormat format = Spoken.Format(name);
        string text = ToolCallText.Write(format, [("note", JsonElement.Parse("""{"text":"é \"5\" \\ <b>","tags":["x",""]}"""))]);
        FunctionCallContent call = Assert.IsType<FunctionCallContent>(Assert.Single(Spoken.Contents(format, null, [text])));
        Assert.Equal("note", call.Name);
        Assert.Null(call.Exception);
        Assert.Equal("é \"5\" \\ <b>", ((JsonElement)call.Arguments!["text"]!).GetString());
        Assert.Equal("""["x",""]""", ((JsonElement)call.Arguments["tags"]!).GetRawText());
        Assert.Equal(2, call.Arguments.Count);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Call_Parts_AreThoseOfTheWrittenCall(string name)
    {
        ToolCallFormat format = Spoken.Format(name);
        (string before, string after) = ToolCallText.Call(format, "time");
        (string open, string close) = ToolCallText.Whole(format);
        string arguments = format.Shape is CallShape.Tagged or CallShape.Pairs or CallShape.PairsList ? "" : "{}";
        Assert.Equal(open + before + arguments + after + close, ToolCallText.Write(format, [("time", JsonElement.Parse("{}"))]));
    }

    [Property(MaxTest = 100)]
    public void Quote_AnyText_IsItsJson(NonNull<string> text)
    {
        using JsonDocument json = JsonDocument.Parse(ToolCallText.Quote(text.Get));
        Assert.Equal(text.Get, json.RootElement.GetString());
    }

    [Theory]
    [InlineData("{ \"a\" : [ 1 ,\n null ] }", "{\"a\":[1,null]}")]
    [InlineData("\"\\u00e9 <b> & '\"", "\"é <b> & '\"")]
    [InlineData("1.50", "1.50")]
    public void Json_Value_IsOneLineWithItsLetters(string json, string expected) =>
        Assert.Equal(expected, ToolCallText.Json(JsonElement.Parse(json)));
}
