using KvNorm.Chat.Constraints;
using KvNorm.Chat.Requests;
using KvNorm.Tests.Chat.Replies;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Chat.Constraints;

/// <summary>The tools are "weather", which takes a city and days, and "time", which takes nothing.</summary>
public sealed class RepeatedCallsTests
{
    [Fact]
    public void Without_NothingCalled_IsAll() => Assert.Equal(["weather", "time"], Left(User("Hi")));

    [Fact]
    public void Without_ToolWithoutParameters_IsLeftOutOnceCalled() => Assert.Equal(["weather"], Left(User("Hi"), Call("time")));

    [Fact]
    public void Without_EqualArgumentsTwice_IsLeftOut() =>
        Assert.Equal(["time"], Left(User("Hi"), Call("weather", "Rome"), Call("weather", "Oslo"), Call("weather", "Rome")));

    [Fact]
    public void Without_OtherArguments_Stays() =>
        Assert.Equal(["weather", "time"], Left(User("Hi"), Call("weather", "Rome"), Call("weather", "Oslo")));

    [Fact]
    public void Without_CalledBeforeTheUserSpoke_Stays() => Assert.Equal(["weather", "time"], Left(User("Hi"), Call("time"), User("Now?")));

    [Fact]
    public void Without_SchemaThatCannotBeRead_Stays()
    {
        AIFunctionDeclaration tool = Spoken.Tool("odd", """{"properties":{},"\ud800":1}""");
        Assert.Equal(["odd"], Left([tool], User("Hi"), Call("odd")));
    }

    private static string[] Left(params ChatMessage[] messages) => Left([Spoken.Tools[0], Spoken.Tools[1]], messages);

    private static string[] Left(AIFunctionDeclaration[] offered, params ChatMessage[] messages)
    {
        ToolRequest tools = new(offered, IsForced: false, Only: null, Many: false);
        return [.. RepeatedCalls.Without(tools, messages).Tools.Select(static tool => tool.Name)];
    }

    private static ChatMessage Call(string name, string? city = null)
    {
        Dictionary<string, object?> arguments = new(StringComparer.Ordinal) { ["city"] = city };
        return new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("1", name, city is null ? null : arguments)]);
    }
}
