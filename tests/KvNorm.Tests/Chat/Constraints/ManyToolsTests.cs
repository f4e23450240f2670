using System.Text.Json;
using KvNorm.Chat;
using KvNorm.Chat.Constraints;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Requests;
using KvNorm.Grammars;
using KvNorm.Runtime;
using KvNorm.Tests.Chat.Replies;
using KvNorm.Tests.Contract;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.Grammars;
using KvNorm.Tests.Runtime;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Chat.Constraints;

/// <summary>As many tools as gateways of several servers offer at once.</summary>
public sealed class ManyToolsTests
{
    private const long MostBytes = 100_000_000; // allocated for one grammar

    private static readonly string[] Types =
    [
        """{"type":"string","description":"The path of parameter NAME"}""",
        """{"type":"string","enum":["asc","desc"],"description":"Sort of NAME"}""",
        """{"type":"integer","minimum":1,"maximum":100,"default":30}""",
        """{"type":"boolean","description":"Whether NAME"}""",
        """{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,"title":"NAME"}""",
        """{"type":"array","items":{"type":"string","description":"one of NAME"}}""",
        """{"type":"object","properties":{"key":{"type":"string"},"value":{"type":"number"}},"required":["key"]"""
            + ""","additionalProperties":false}""",
        """{"type":"string","format":"date-time"}""",
        """{"type":"string","pattern":"^[a-z0-9-]+$"}""",
        """{"$ref":"#/$defs/Filter"}""",
    ];

    [Fact]
    public void Free_FiveHundredToolsOfTwentyParameters_TakesLittleMemoryAndSharesEqualParts()
    {
        ToolRequest request = Request(500, 20);
        long before = GC.GetAllocatedBytesForCurrentThread();
        string grammar = ToolGrammar.Free(ToolCallFormat.Generic, request)!.Text;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
        GrammarCheck.Verify(grammar);

        int shared = grammar.Split('\n').Count(static rule => rule.Contains("::= \"\\\"option_4\\\":\"", StringComparison.Ordinal));
        Assert.InRange(shared, 1, Types.Length);
        const string Arguments = """{"option_0":"2024-02-29T12:00:00Z","field_497_3":"/tmp","option_6":true,"field_497_9":{"key":"k"}"""
            + ""","option_12":{"field":"f","and":[{}]},"field_497_15":30,"option_18":["x"]}""";
        Assert.True(GrammarMatcher.Accepts(grammar, Call(497, Arguments)));
        Assert.False(GrammarMatcher.Accepts(grammar, Call(497, """{"field_496_1":null}""")));
        Assert.False(GrammarMatcher.AcceptsBeginning(grammar, Call(500, "{}")));
    }

    [Theory]
    [InlineData(128, 15)]
    [InlineData(500, 20)]
    public void CreateSampler_ManyTools_LeavesNoneOpen(int tools, int parameters)
    {
        using LlamaModel model = TinyModel.Load();
        RecordingLogger log = new();
        ChatOptions options = new() { Tools = [.. Request(tools, parameters).Tools] };
        ChatRequest request = ChatRequest.Create([User("hi")], options, new KvNormChatOptions(), new SilentChatClient());
        new ChatModel(model, template: null, log).CreateSampler(request, beginning: default).Dispose();
        Assert.Empty(log.Lines);
    }

    // As Semantic Kernel sends them.
    [Fact]
    public async Task GetResponseAsync_ThirtyTools_TheOneThatIsRequiredIsCalled()
    {
        const int cells = 16_384; // the tiny model reads letter by letter
        using KvNormChatClient client = TestClient.Tiny(cells, new TinyModelSettings { ContextLength = cells });
        ChatOptions options = TestClient.Greedy(120);
        (options.Tools, options.ToolMode) = ([.. ContractTools.OfSemanticKernel(30)], ChatToolMode.RequireSpecific("plugin_tool27"));
        ChatResponse response = await client.GetResponseAsync([User("Go.")], options);
        FunctionCallContent call = response.Messages.SelectMany(static message => message.Contents).OfType<FunctionCallContent>().First();
        Assert.Equal("plugin_tool27", call.Name);
        Assert.Equal("mode on", string.Join(' ', call.Arguments!.Keys.Order(StringComparer.Ordinal)));
        Assert.InRange(response.Usage!.InputTokenCount!.Value, 4000, cells); // all of them are in the prompt
        Assert.Equal(0, client.Statistics.Evictions);
    }

    private static ToolRequest Request(int tools, int parameters) =>
        new([.. Enumerable.Range(0, tools).Select(number => Tool(number, parameters))], false, null, true);

    // Half of the parameters have names that other tools have too.
    private static AIFunctionDeclaration Tool(int number, int parameters)
    {
        string[] names = [.. Enumerable.Range(0, parameters).Select(i => i % 2 == 0 ? $"option_{i}" : $"field_{number}_{i}")];
        IEnumerable<string> properties = names.Select((name, i) =>
            $"\"{name}\":{Types[(number + i) % Types.Length].Replace("NAME", name, StringComparison.Ordinal)}");
        string required = string.Join(',', names.Where((_, i) => i % 3 == 0).Select(static name => $"\"{name}\""));
        return Spoken.Tool(
            $"server_{number % 20}_do_thing_{number}",
            $"{{\"type\":\"object\",\"properties\":{{{string.Join(',', properties)}}},\"required\":[{required}],"
            + "\"$defs\":{\"Filter\":{\"type\":\"object\",\"properties\":{\"field\":{\"type\":\"string\"},\"and\":{\"type\":\"array\","
            + "\"items\":{\"$ref\":\"#/$defs/Filter\"}}}}}}");
    }

    private static string Call(int number, string arguments) => ToolCallText.Write(
        ToolCallFormat.Generic, [($"server_{number % 20}_do_thing_{number}", JsonElement.Parse(arguments))]);
}
