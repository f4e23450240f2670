using System.Text;
using KvNorm.Hosting;
using LLama.Native;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KvNorm.Tests.Hosting;

public sealed class ChatOptionsSectionTests
{
    [Fact]
    public void Apply_EverySetting_SetsIt()
    {
        KvNormChatOptions options = Read("""
            {
              "ModelPath": "model.gguf", "ChatTemplate": "{{ messages }}", "Slots": 3, "UnifiedCache": true, "ParkedBytes": 5000000000, "GpuLayers": 7, "Threads": 2, "MaxOutputTokens": 99,
              "Recall": false, "ArchiveBytes": 6000000000, "ArchiveFolder": "/tmp/archive", "ArchiveFileBytes": 7000000000,
              "UseRegisteredEmbeddings": false, "SaveArchive": true, "CacheTypeK": "q8_0", "CacheTypeV": "Q4_1",
              "RecordsMessageText": true, "LoadAtStart": true, "UseMemoryMapping": false,
              "MainGpu": 1, "SplitMode": "row", "TensorSplit": "3, 1.5",
              "MaximumConversations": 12, "ConversationIdleTime": "02:00:00", "ConversationTimeout": "00:00:30",
              "KvCacheBudget": { "Size": "48MiB", "HighMark": 0.9, "LowMark": 0.25 },
              "Policy": { "Granularity": "layer", "Spans": "3", "RecentWindow": 0.1, "Sinks": 8, "DemotesRepeatedPunctuation": true, "RarityWeight": 1.5, "SkippedLayers": [0, 1], "Seed": 5, "Name": "random" },
              "Sampling": {
                "Temperature": 0.5, "TopK": 10, "TopP": 0.8, "MinP": 0.1, "TypicalP": 0.9, "Mirostat": true, "MirostatTau": 4, "MirostatEta": 0.2,
                "RepeatPenalty": 1.1, "RepeatLastTokens": 32, "FrequencyPenalty": 0.3, "PresencePenalty": 0.4, "Seed": 4294967295
              }
            }
            """);
        Assert.Equal(
            ("model.gguf", "{{ messages }}", 3, 5_000_000_000),
            (options.ModelPath, options.ChatTemplate, options.Slots, options.ParkedBytes));
        Assert.True(options.UnifiedCache);
        Assert.Equal(
            (false, 6_000_000_000, "/tmp/archive", 7_000_000_000),
            (options.Recall, options.ArchiveBytes, options.ArchiveFolder, options.ArchiveFileBytes));
        Assert.Equal(
            (7, 2, 99, true, true),
            (options.GpuLayers, options.Threads, options.MaxOutputTokens, options.RecordsMessageText, options.LoadAtStart));
        Assert.Equal(
            (12, TimeSpan.FromHours(2), TimeSpan.FromSeconds(30)),
            (options.MaximumConversations, options.ConversationIdleTime, options.ConversationTimeout));
        Assert.False(options.UseMemoryMapping);
        Assert.Equal((KvCacheType.Q8_0, KvCacheType.Q4_1), (options.CacheTypeK, options.CacheTypeV));
        Assert.Equal((1, GPUSplitMode.Row), (options.MainGpu, options.SplitMode));
        Assert.Equal([3, 1.5f], options.TensorSplit);
        Assert.Equal((false, true), (options.UseRegisteredEmbeddings, options.SaveArchive));
        Assert.Equal(KvCacheBudget.FromMebibytes(48) with { HighMark = 0.9, LowMark = 0.25 }, options.KvCacheBudget);
        Assert.Equal([0, 1], options.Policy.SkippedLayers);
        EvictionPolicy policy = EvictionPolicy.Named("random") with
        {
            Granularity = EvictionGranularity.Layer, Spans = TokenSpans.Neighbours(3), RecentWindow = 0.1, Sinks = 8, Seed = 5,
            SkippedLayers = options.Policy.SkippedLayers, DemotesRepeatedPunctuation = true, RarityWeight = 1.5,
        };
        Assert.Equal(policy, options.Policy);
        SamplingOptions sampling = new()
        {
            Temperature = 0.5f, TopK = 10, TopP = 0.8f, MinP = 0.1f, TypicalP = 0.9f, Mirostat = true, MirostatTau = 4, MirostatEta = 0.2f,
            RepeatPenalty = 1.1f, RepeatLastTokens = 32, FrequencyPenalty = 0.3f, PresencePenalty = 0.4f, Seed = uint.MaxValue,
        };
        Assert.Equal(sampling, options.Sampling);
    }

    // A property that is added has to be added to the table, too.
    [Fact]
    public void Apply_EveryProperty_HasAKey()
    {
        Assert.All(Writable(typeof(KvNormChatOptions)), name => AssertKnown(name, $$"""{ "{{name}}": { "?": 1 } }"""));
        Assert.All(Writable(typeof(KvCacheBudget)), name => AssertKnown(name, $$"""{ "KvCacheBudget": { "{{name}}": "?" } }"""));
        Assert.All(Writable(typeof(EvictionPolicy)), name => AssertKnown(name, $$"""{ "Policy": { "{{name}}": "?" } }"""));
        Assert.All(Writable(typeof(SamplingOptions)), name => AssertKnown(name, $$"""{ "Sampling": { "{{name}}": "?" } }"""));

        static IEnumerable<string> Writable(Type type) =>
            type.GetProperties()
                .Where(property => property.SetMethod is { IsPublic: true }
                    && property.Name != nameof(KvNormChatOptions.EmbeddingGenerator)) // a service
                .Select(property => property.Name);

        static void AssertKnown(string name, string json)
        {
            string message = Assert.Throws<InvalidOperationException>(() => Read(json)).Message;
            Assert.DoesNotContain($"There is no setting '{name}'", message, StringComparison.Ordinal);
            Assert.DoesNotContain($":{name}';", message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{ "Policy": "keynorm" }""", "keynorm")]
    [InlineData("""{ "Policy": "KEYDIFF" }""", "keydiff")]
    [InlineData("""{ "policy": { "name": "recency", "sinks": 2 } }""", "recency")]
    [InlineData("""{ "Policy": { "Sinks": 2 } }""", "salience")]
    [InlineData("""{ "Policy": null }""", "salience")]
    [InlineData("{ }", "salience")]
    public void Apply_Policy_IsTheNamedOneOrTheDefault(string json, string name) => Assert.Equal(name, Read(json).Policy.Name);

    [Theory]
    [InlineData("none")]
    [InlineData("sentence")]
    public void Apply_Spans_AreByName(string spans) =>
        Assert.Equal(
            spans == "none" ? TokenSpans.None : TokenSpans.Sentence,
            Read($$"""{ "Policy": { "Name": "keydiff", "Spans": "{{spans}}" } }""").Policy.Spans);

    [Fact]
    public void Apply_SkippedLayersAsText_AreTheNumbers() =>
        Assert.Equal([0, 1, 5], Read("""{ "Policy": { "SkippedLayers": "0, 1,5" } }""").Policy.SkippedLayers);

    [Theory]
    [InlineData("""{ "Bugdet": "48MiB" }""", "Bugdet")]
    [InlineData("""{ "KvCacheBudget": "48 lots" }""", "KvCacheBudget", "48 lots")]
    [InlineData("""{ "KvCacheBudget": { "Cells": 5 } }""", "KvCacheBudget:Cells")]
    [InlineData("""{ "Policy": "best" }""", "Policy", "best")]
    [InlineData("""{ "Policy": { "Name": "best" } }""", "Policy", "best")]
    [InlineData("""{ "Policy": { "Granularity": "5" } }""", "Policy:Granularity", "Head")]
    [InlineData("""{ "Policy": { "Spans": "words" } }""", "Policy:Spans", "words")]
    [InlineData("""{ "Policy": { "Spans": "0" } }""", "Policy:Spans", "0")]
    [InlineData("""{ "Policy": { "SkippedLayers": ["x"] } }""", "Policy:SkippedLayers", "x")]
    [InlineData("""{ "Slots": 4000000000 }""", "Slots", "4000000000")]
    [InlineData("""{ "Slots": { "Count": 2 } }""", "Slots", "section")]
    [InlineData("""{ "LoadAtStart": "perhaps" }""", "LoadAtStart", "perhaps")]
    [InlineData("""{ "Sampling": { "Heat": 1 } }""", "Sampling:Heat", "Temperature")]
    [InlineData("""{ "Sampling": { "TopP": "all" } }""", "Sampling:TopP", "all")]
    public void Apply_UnknownKeyOrValue_IsAnErrorThatNamesIt(string json, params string[] named)
    {
        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => Read(json));
        Assert.All(named, name => Assert.Contains(name, exception.Message, StringComparison.Ordinal));
    }

    // What an application binds itself, by Microsoft's binder.
    [Fact]
    public void Configure_MicrosoftsBinder_ReadsBudgetAndPolicyAndLeavesOtherOptionsAlone()
    {
        IConfiguration configuration = Json("""{ "KvCacheBudget": "64 cells", "Policy": "keynorm", "Slots": 2 }""");
        using ServiceProvider provider = new ServiceCollection()
            .Configure<KvNormChatOptions>(configuration)
            .Configure<KvNormChatOptions>("sinks", Json("""{ "Policy": { "Sinks": 9 } }"""))
            .BuildServiceProvider();
        KvNormChatOptions options = provider.GetRequiredService<IOptions<KvNormChatOptions>>().Value;
        Assert.Equal((KvCacheBudget.FromCells(64), "keynorm", 2), (options.KvCacheBudget, options.Policy.Name, options.Slots));
        Assert.Equal(9, provider.GetRequiredService<IOptionsMonitor<KvNormChatOptions>>().Get("sinks").Policy.Sinks);
        Assert.Equal(4, new KvNormChatOptions().Policy.Sinks);
    }

    private static KvNormChatOptions Read(string json)
    {
        KvNormChatOptions options = new();
        ChatOptionsSection.Apply(options, Json(json));
        return options;
    }

    private static IConfigurationRoot Json(string json) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
}
