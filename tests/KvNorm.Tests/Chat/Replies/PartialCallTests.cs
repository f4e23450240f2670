using FsCheck.Xunit;
using KvNorm.Chat.Replies;

namespace KvNorm.Tests.Chat.Replies;

public sealed class PartialCallTests
{
    [Theory]
    [InlineData("""{"name":"time","arguments":{}}""", "time")]
    [InlineData("""{"id":1,"function":"time","argu""", "time")]
    [InlineData("""{ "name" : "a\"\u00e9" """, "a\"é")]
    [InlineData("""{"name":"time", broken""", "time")]
    [InlineData("""{"arguments":{"name":"inner"},"name":"time"}""", "time")]
    [InlineData("""{"arguments":{"name":"inner"}}""", null)]
    [InlineData("""{"arguments":[{"name":"inner"}]}""", null)]
    [InlineData("""{"name":"ti""", null)]
    [InlineData("""{"name":""", null)]
    [InlineData("""{"title":"time"}""", null)]
    [InlineData("""{"name":5,"function":"time"}""", "time")]
    [InlineData("""{"name":{"function":"inner"},"function":"time"}""", "time")]
    [InlineData("""{"name":["inner"]}""", null)]
    [InlineData("""{"name":"\ud800"}""", null)]
    [InlineData("""{"Name":"time"}""", null)]
    [InlineData("""{"title":"name","x":"time"}""", null)]
    [InlineData("{broken", null)]
    [InlineData("", null)]
    public void Name_Json_IsTheTextUnderItsKey(string json, string? expected) =>
        Assert.Equal(expected, PartialCall.Name(json, ["name", "function"]));

    [Theory]
    [InlineData("""{"name":"time"}""", "name")]
    [InlineData("""{ "a\"b" :""", "a\"b")]
    [InlineData("""{"":1}""", "")]
    [InlineData("""{"na""", null)]
    [InlineData("{", null)]
    [InlineData("{}", null)]
    [InlineData("[\"a\"]", null)]
    [InlineData("\"a\"", null)]
    [InlineData("{a:1}", null)]
    [InlineData("", null)]
    [InlineData("""{"\udc00":1}""", null)]
    public void FirstKey_Json_IsTheOutermostObjectsFirst(string json, string? expected) =>
        Assert.Equal(expected, PartialCall.FirstKey(json));

    // Once it has come, what follows does not change it.
    [Property(MaxTest = 50)]
    public void Name_MoreText_IsTheSame(string? more)
    {
        const string Json = """{"x":[1,{"name":"no"}],"name":"time",""";
        for (int length = 0; length < Json.Length; length++)
            Assert.Equal(length >= Json.Length - 1 ? "time" : null, PartialCall.Name(Json[..length], ["name"]));
        Assert.Equal("time", PartialCall.Name(Json + more, ["name"]));
    }
}
