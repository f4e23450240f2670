using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Xunit;
using KvNorm.Chat.Replies;

namespace KvNorm.Tests.Chat.Replies;

public sealed class JsonExtentTests
{
    private const string Start = "<tool_call>", List = "[TOOL_CALLS]";

    private static readonly MarkFinder Breaks = new([Start, List]);

    [Theory]
    [InlineData("{}", " more")]
    [InlineData("{\"a\":{\"b\":[{},[1]]}}", "}")]
    [InlineData("{\"}\":\"{[\"}", "")]
    [InlineData("{\"a\":\"\\\"}\"}", "x")]
    [InlineData("{\"a\":\"\\\\\"}", "\"}")]
    [InlineData("{\"a\":\"<tool_call>\"}", "<tool_call>")]
    [InlineData("{\"a\":[[]]}", "")]
    [InlineData("{\n \"é\": 1\n}", "\n{}")]
    public void End_Object_IsItsLength(string json, string rest)
    {
        Assert.Equal(json.Length, new JsonExtent(Breaks).End(json + rest));
        Assert.Equal(json.Length, ByLetters(json + rest));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a}")]
    [InlineData("{\"a\":[}")]
    [InlineData("{\"a\":\"\\\"}")]
    [InlineData("{\"a\":{}")]
    public void End_ObjectThatGoesOn_IsUnknown(string json)
    {
        Assert.Null(new JsonExtent(Breaks).End(json));
        Assert.Null(ByLetters(json));
    }

    [Theory]
    [InlineData("{\"a\":1", "<tool_call>{}")]
    [InlineData("{\"a\":", "[TOOL_CALLS][]")]
    [InlineData("{\"a\":\"<tool_call>\",", "<tool_call>\"}")]
    [InlineData("{\"a\":[1,", "<tool_call>]}")]
    public void End_MarkOutsideStrings_BreaksTheObjectThere(string json, string rest)
    {
        Assert.Equal(json.Length, new JsonExtent(Breaks).End(json + rest));
        Assert.Equal(json.Length, ByLetters(json + rest));
    }

    [Fact]
    public void End_WhatMayBecomeAMark_WaitsUntilItIsKnown()
    {
        JsonExtent extent = new(Breaks);
        Assert.Null(extent.End("{\"a\":["));
        Assert.Null(extent.End("{\"a\":[TOOL"));
        Assert.Equal(5, extent.End("{\"a\":[TOOL_CALLS]"));
        Assert.Equal(8, new JsonExtent(Breaks).End("{\"a\":[]}"));
    }

    [Property(MaxTest = 100)]
    public void End_AnyObject_IsItsLengthHoweverItComes(NonNull<string>[] texts, DoNotSize<int> seed)
    {
        JsonObject json = [];
        foreach (NonNull<string> text in texts)
            json[text.Get] = new JsonArray(text.Get, new JsonObject { ["x"] = text.Get + "}\"\\" }, 1);
        string written = json.ToJsonString();
        string all = written + "}]\"{";
        JsonExtent extent = new(Breaks);
        Random random = new(seed.Item);
        int length = 0;
        int? end = null;
        while (end is null && length < all.Length)
        {
            length = Math.Min(all.Length, length + random.Next(1, 9));
            end = extent.End(all.AsSpan(0, length));
        }

        Assert.Equal(written.Length, end);
    }

    private static int? ByLetters(string text)
    {
        JsonExtent extent = new(Breaks);
        for (int length = 1; length <= text.Length; length++)
        {
            if (extent.End(text.AsSpan(0, length)) is { } end)
                return end;
        }

        return null;
    }
}
