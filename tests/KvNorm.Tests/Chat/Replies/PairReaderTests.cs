using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Xunit;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Replies;

namespace KvNorm.Tests.Chat.Replies;

public sealed class PairReaderTests
{
    private static readonly PairSyntax Gemma = Spoken.Format("Gemma 4").Pairs;

    [Theory]
    [InlineData("f()", "{}")]
    [InlineData(" f ( a = 1 , b = -2.5e3 ) ", """{"a":1,"b":-2.5e3}""")]
    [InlineData("f(a=True, b=false, c=None, d=null)", """{"a":true,"b":false,"c":null,"d":null}""")]
    [InlineData("f(a='x', b=\"y\")", """{"a":"x","b":"y"}""")]
    [InlineData("f(a='it\\'s', b='it's, no', c=\"\\u00e9\\n\\d\")", """{"a":"it's","b":"it's, no","c":"\u00e9\n\\d"}""")]
    [InlineData("f(a=[1, 'x', {'k': [], \"l\": {}}])", """{"a":[1,"x",{"k":[],"l":{}}]}""")]
    [InlineData("f(a='')", """{"a":""}""")]
    public void ReadCall_Python_IsItsArguments(string text, string expected)
    {
        PairReader reader = new(text, PairSyntax.Python);
        AssertCall(expected, reader.ReadCall());
        Assert.True(reader.IsAtEnd);
    }

    [Theory]
    [InlineData("f{}", "{}")]
    [InlineData("f{a:<|\"|>x, } \" ' y<|\"|>,b:2}", """{"a":"x, } \" ' y","b":2}""")]
    [InlineData("f{a:[<|\"|>x<|\"|>,true],b:{c:<|\"|><|\"|>,<|\"|>d e<|\"|>:null}}", """{"a":["x",true],"b":{"c":"","d e":null}}""")]
    [InlineData("f{a:\"x\"}", """{"a":"x"}""")]
    public void ReadCall_OtherQuotes_IsItsArguments(string text, string expected)
    {
        PairReader reader = new(text, Gemma);
        AssertCall(expected, reader.ReadCall());
    }

    [Theory]
    [InlineData("")]
    [InlineData("f")]
    [InlineData("f(")]
    [InlineData("f(a")]
    [InlineData("f(a=")]
    [InlineData("f(a=tr")]
    [InlineData("f(a=1")]
    [InlineData("f(a='x")]
    [InlineData("f(a=[1, ")]
    [InlineData("f(a={'k'")]
    public void ReadCall_BeginningOfACall_IsRightToItsEnd(string text)
    {
        PairReader reader = new(text, PairSyntax.Python);
        Assert.Null(reader.ReadCall());
        Assert.True(reader.IsAtEnd);
    }

    [Theory]
    [InlineData("f a")]
    [InlineData("f(1)")]
    [InlineData("f(a:1)")]
    [InlineData("f(a=1 b=2)")]
    [InlineData("f(a=1, a=2)")]
    [InlineData("f(a=word)")]
    [InlineData("f(a=[1 2])")]
    [InlineData("f(a={1})")]
    public void ReadCall_SomethingElse_IsNone(string text)
    {
        PairReader reader = new(text, PairSyntax.Python);
        Assert.Null(reader.ReadCall());
        Assert.False(reader.IsAtEnd);
    }

    [Fact]
    public void ReadCall_BracketsWithoutEnd_AreNotFollowedForEver()
    {
        PairReader reader = new("f(a=" + new string('[', 100_000), PairSyntax.Python);
        Assert.Null(reader.ReadCall());
    }

    [Theory]
    [InlineData("[f(), g(a=1)]", "f{},g{\"a\":1}")]
    [InlineData("[f()", null)]
    [InlineData("[]", null)]
    [InlineData("f()", null)]
    public void ReadList_Calls_AreAllOfThem(string text, string? expected)
    {
        PairReader reader = new(text, PairSyntax.Python);
        List<(string Name, string Arguments)>? calls = reader.ReadList();
        Assert.Equal(expected, calls is null ? null : string.Join(',', calls.Select(static call => call.Name + call.Arguments)));
    }

    [Property(MaxTest = 300)]
    public void ReadCall_WrittenArguments_AreTheSame(NonNull<string> text, NonNull<string> other, int number, bool isTrue)
    {
        JsonElement arguments = JsonSerializer.SerializeToElement(
            new { a = text.Get, b = new object[] { number, other.Get }, c = new { d = isTrue, e = other.Get } });
        foreach (PairSyntax syntax in new[] { PairSyntax.Python, Gemma })
        {
            PairReader reader = new("f" + syntax.Open + PairText.Write(syntax, arguments) + syntax.Close, syntax);
            AssertCall(arguments.GetRawText(), reader.ReadCall());
        }
    }

    private static void AssertCall(string expected, (string Name, string Arguments)? call)
    {
        Assert.Equal("f", call?.Name);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(call!.Value.Arguments)), call.Value.Arguments);
    }
}
