using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace KvNorm.SemanticKernel.Tests;

public sealed class FunctionNamesTests
{
    private readonly Kernel _kernel = new();

    public FunctionNamesTests() =>
        _kernel.Plugins.AddFromFunctions("my_lamp", [KernelFunctionFactory.CreateFromMethod(() => 1, "switch_on")]);

    [Fact]
    public void Split_NameOfAFunction_IsItsPluginAndItsName()
    {
        KernelArguments arguments = new() { ["a"] = 1 };
        ChatMessageContent message = new(
            AuthorRole.Assistant, [new TextContent("So."), new FunctionCallContent("my_lamp_switch_on", null, "1", arguments)]);
        Assert.Same(message, FunctionNames.Split(message, _kernel));
        FunctionCallContent call = Assert.Single(FunctionCallContent.GetFunctionCalls(message));
        Assert.Equal(("my_lamp", "switch_on", "1"), (call.PluginName, call.FunctionName, call.Id));
        Assert.Same(arguments, call.Arguments);
        Assert.Equal("So.", message.Content);
    }

    [Fact]
    public void Split_ResultOfAFunction_IsNamedLikeItsCall()
    {
        ChatMessageContent message = new(AuthorRole.Tool, [new FunctionResultContent("my_lamp_switch_on", null, "1", "on")]);
        FunctionResultContent result = Assert.IsType<FunctionResultContent>(Assert.Single(FunctionNames.Split(message, _kernel).Items));
        Assert.Equal(("my_lamp", "switch_on", "1", "on"), (result.PluginName, result.FunctionName, result.CallId, result.Result));
    }

    [Theory]
    [InlineData("my_lamp_switch_off")]
    [InlineData("switch_on")]
    [InlineData("")]
    public void Split_AnotherName_StaysAsItIs(string name)
    {
        ChatMessageContent message = new(AuthorRole.Assistant, [new FunctionCallContent(name, null, "1")]);
        Assert.Equal(name, FunctionCallContent.GetFunctionCalls(FunctionNames.Split(message, _kernel)).Single().FunctionName);
        Assert.Equal(name, FunctionCallContent.GetFunctionCalls(FunctionNames.Split(message, kernel: null)).Single().FunctionName);
    }

    [Fact]
    public void Split_SeveralCallsInAStream_AreBuiltApart()
    {
        FunctionCallContentBuilder builder = new();
        int calls = 0;
        for (int i = 0; i < 3; i++)
        {
            StreamingFunctionCallUpdateContent update = new($"id{i}", i == 2 ? "unknown" : "my_lamp_switch_on", $$"""{"a":{{i}}}""");
            StreamingChatMessageContent message = new(AuthorRole.Assistant, content: null) { Items = [update] };
            builder.Append(FunctionNames.Split(message, _kernel, ref calls));
        }

        Assert.Equal(
            [("my_lamp", "switch_on", "id0", "0"), ("my_lamp", "switch_on", "id1", "1"), (null, "unknown", "id2", "2")],
            builder.Build().Select(call => (call.PluginName, call.FunctionName, call.Id, $"{call.Arguments!["a"]}")));
    }

    [Fact]
    public void Join_HistoryThatWasSplit_HasTheNamesOfTheModelAndLeavesTheHistoryAlone()
    {
        ChatHistory history = new("System.");
        ChatMessageContent message = new(AuthorRole.Assistant, [new FunctionCallContent("my_lamp_switch_on", null, "1")]);
        history.Add(FunctionNames.Split(message, _kernel));
        ChatHistory joined = FunctionNames.Join(history);
        FunctionCallContent call = FunctionCallContent.GetFunctionCalls(joined[1]).Single();
        Assert.Equal((null, "my_lamp_switch_on", "1"), (call.PluginName, call.FunctionName, call.Id));
        Assert.Equal("my_lamp", FunctionCallContent.GetFunctionCalls(history[1]).Single().PluginName);
        Assert.Same(history[0], joined[0]);
    }
}
