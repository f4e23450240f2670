using System.Text.Json;
using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Contract;

/// <content>What messages and options do.</content>
public abstract partial class ChatClientContractTests
{
    public static TheoryData<ChatMessage> EmptyMessages =>
        new(new ChatMessage(ChatRole.User, []), User(""), new ChatMessage(ChatRole.User, (string?)null), Assistant(""));

    public static TheoryData<AIContent, string> ForeignContents => new()
    {
        { new DataContent(new byte[] { 1, 2, 3 }, "image/png"), "image/png" },
        { new DataContent(new byte[] { 1, 2, 3 }, "audio/wav"), "audio/wav" },
        { new UriContent("https://example.org/cat.jpg", "image/jpeg"), "image/jpeg" },
    };

    /// <summary>
    /// Gets settings that leave one candidate whatever the temperature; numbers of llama.cpp come as any type a JSON reader or a person
    /// makes of them.
    /// </summary>
    public static TheoryData<string> OneCandidate => new("TopK", "TopP", "int", "double", "string", "JsonElement");

    [Theory]
    [MemberData(nameof(EmptyMessages))]
    public async Task GetResponseAsync_EmptyMessage_IsAccepted(ChatMessage message)
    {
        ChatResponse response = await Client.GetResponseAsync([User("Hi"), message, User("Name a fruit.")], Greedy(2));
        Assert.Equal(2, response.Usage!.OutputTokenCount);
    }

    [Fact]
    public async Task GetResponseAsync_Instructions_GoFirstAsSystemText()
    {
        ChatMessage[] rest = [Instruct("Say aye."), User("Who are you?")];
        ChatOptions options = Greedy();
        options.Instructions = "You are a pirate.";
        ChatResponse asked = await Client.GetResponseAsync([Instruct("You are a pirate."), .. rest], Greedy());
        ChatResponse instructed = await Client.GetResponseAsync(rest, options);
        ChatResponse without = await Client.GetResponseAsync(rest, Greedy());
        Assert.Equal(asked.Text, instructed.Text);
        Assert.Equal(asked.Usage!.InputTokenCount, instructed.Usage!.InputTokenCount);
        Assert.True(without.Usage!.InputTokenCount < instructed.Usage.InputTokenCount);
    }

    [Fact]
    public async Task GetResponseAsync_ReasoningOfAnEarlierAnswer_IsAccepted()
    {
        ChatMessage earlier = new(ChatRole.Assistant, [new TextReasoningContent("A fruit is wanted."), new TextContent("Apple.")]);
        Assert.Equal(
            2, (await Client.GetResponseAsync([User("Name a fruit."), earlier, User("And a river.")], Greedy(2))).Usage!.OutputTokenCount);
    }

    [Fact]
    public async Task GetResponseAsync_SameSeed_RepeatsTheText()
    {
        ChatOptions options = new() { Temperature = 1.5f, MaxOutputTokens = ShortAnswer, Seed = 7 };
        Assert.Equal((await Client.GetResponseAsync(Question, options)).Text, (await Client.GetResponseAsync(Question, options)).Text);
    }

    [Fact]
    public async Task GetResponseAsync_NoSeed_Varies()
    {
        HashSet<string> texts = new(StringComparer.Ordinal);
        for (int draw = 0; draw < 4; draw++)
            texts.Add(
                (await Client.GetResponseAsync(Question, new ChatOptions { Temperature = 1.5f, MaxOutputTokens = ShortAnswer })).Text);
        Assert.NotEqual(1, texts.Count);
    }

    [Theory]
    [MemberData(nameof(OneCandidate))]
    public async Task GetResponseAsync_OneCandidate_IsGreedy(string setting)
    {
        ChatOptions options = new()
        {
            Temperature = 1.5f,
            MaxOutputTokens = ShortAnswer,
            TopK = setting == "TopK" ? 1 : null,
            TopP = setting == "TopP" ? 0 : null,
        };
        object? one = setting switch
        {
            "int" => 1,
            "double" => 1.0,
            "string" => "1",
            "JsonElement" => JsonSerializer.SerializeToElement(1),
            _ => null,
        };
        if (one is not null)
            options.AdditionalProperties = new AdditionalPropertiesDictionary { ["min_p"] = one };
        Assert.Equal(await KnownAnswerAsync(), (await Client.GetResponseAsync(Question, options)).Text);
    }

    [Fact]
    public async Task GetResponseAsync_Penalties_AreAccepted()
    {
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 4, FrequencyPenalty = 0.5f, PresencePenalty = -0.5f };
        Assert.Equal(4, (await Client.GetResponseAsync(Question, options)).Usage!.OutputTokenCount);
    }

    [Fact]
    public async Task GetResponseAsync_WhatAnotherBackendKnows_IsIgnored()
    {
        ChatOptions options = Greedy();
        options.AdditionalProperties = new AdditionalPropertiesDictionary
        {
            ["store"] = true,
            ["service_tier"] = "auto",
            ["logit_bias"] = new object(),
            ["num_ctx"] = JsonSerializer.SerializeToElement(4096),
        };
        options.RawRepresentationFactory = _ => "a request of some other backend";
        Assert.Equal(await KnownAnswerAsync(), (await Client.GetResponseAsync(Question, options)).Text);
    }

    // Every part of the answer in turn is the stop sequence, so that its beginning and end fall inside tokens, on borders and across them.
    [Fact]
    public async Task GetStreamingResponseAsync_StopSequenceAnywhere_IsNeverShown()
    {
        string full = await KnownAnswerAsync();
        for (int start = 1; start + 5 <= full.Length; start += 6)
        {
            string stop = full.Substring(start, 5);
            ChatOptions options = Greedy();
            options.StopSequences = ["never said", stop];
            List<ChatResponseUpdate> updates = await StreamAsync(Question, options);
            Assert.Equal(full[..full.IndexOf(stop, StringComparison.Ordinal)], updates.Text());
            Assert.Equal(ChatFinishReason.Stop, updates[^1].FinishReason);
        }
    }

    [Fact]
    public async Task GetStreamingResponseAsync_BeginningOfAStopSequence_IsHeldBackUntilItIsKnownToBeNone()
    {
        string full = await KnownAnswerAsync();
        ChatOptions options = Greedy();
        options.StopSequences = [full + "!"];
        List<ChatResponseUpdate> updates = await StreamAsync(Question, options);
        Assert.Equal(full, updates.Text());
        Assert.Single(updates, update => update.Text.Length > 0);
    }

    [Fact]
    public async Task GetResponseAsync_AnotherModelId_IsAnErrorThatNamesBoth()
    {
        ChatOptions options = Greedy(2);
        options.ModelId = "gpt-9";
        NotSupportedException e = await Assert.ThrowsAsync<NotSupportedException>(() => Client.GetResponseAsync(Question, options));
        Assert.Contains("gpt-9", e.Message, StringComparison.Ordinal);
        Assert.Contains(provider.ModelName, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetResponseAsync_OwnModelId_IsAccepted()
    {
        ChatOptions options = Greedy(2);
        options.ModelId = provider.ModelName;
        Assert.Equal(provider.ModelName, (await Client.GetResponseAsync(Question, options)).ModelId);
    }

    [Theory]
    [MemberData(nameof(ForeignContents))]
    public async Task GetResponseAsync_ImageOrAudio_IsNotSupportedByName(AIContent content, string type)
    {
        string expected = await KnownAnswerAsync();
        NotSupportedException e = await Assert.ThrowsAsync<NotSupportedException>(
            () => Client.GetResponseAsync([new ChatMessage(ChatRole.User, [new TextContent("What is this?"), content])], Greedy(2)));
        Assert.Contains(type, e.Message, StringComparison.Ordinal);
        await RequireUnharmedAsync(expected);
    }

    [Fact]
    public async Task GetResponseAsync_MessagesThatThrow_LeaveTheClientUsable()
    {
        string expected = await KnownAnswerAsync();
        await Assert.ThrowsAsync<FormatException>(() => Client.GetResponseAsync(Failing(), Greedy(2)));
        await RequireUnharmedAsync(expected);

        static IEnumerable<ChatMessage> Failing()
        {
            yield return User("Hi");
            throw new FormatException("The store is broken.");
        }
    }

    [Fact]
    public async Task GetResponseAsync_NoMessageList_IsAnArgumentError()
    {
        Assert.Equal(
            "messages",
            (await Assert.ThrowsAsync<ArgumentNullException>(() => Client.GetResponseAsync((IEnumerable<ChatMessage>)null!))).ParamName);
        ArgumentNullException e = await Assert.ThrowsAsync<ArgumentNullException>(() =>
            Client.GetStreamingResponseAsync((IEnumerable<ChatMessage>)null!).CollectAsync());
        Assert.Equal("messages", e.ParamName);
    }
}
