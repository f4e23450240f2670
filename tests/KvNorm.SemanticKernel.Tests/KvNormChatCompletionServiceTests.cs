using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using FunctionCallContent = Microsoft.Extensions.AI.FunctionCallContent;

namespace KvNorm.SemanticKernel.Tests;

public sealed class KvNormChatCompletionServiceTests : IDisposable
{
    private readonly ScriptedClient _client = new();
    private readonly Kernel _kernel = new();
    private int _runs;

    public KvNormChatCompletionServiceTests() =>
        _kernel.Plugins.AddFromFunctions("lamp", [KernelFunctionFactory.CreateFromMethod(() => ++_runs, "set")]);

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_FunctionsRun_AreInTheHistoryByPluginAndName(bool streams)
    {
        ChatHistory history = new("Hello.", AuthorRole.User);
        _client.Calls = 1;
        Assert.Equal("Done.", await AskAsync(history, FunctionChoiceBehavior.Auto(), streams));
        Assert.Equal(1, _runs);
        Assert.Equal([AuthorRole.User, AuthorRole.Assistant, AuthorRole.Tool], history.Select(message => message.Role));
        Assert.Equal("lamp", Microsoft.SemanticKernel.FunctionCallContent.GetFunctionCalls(history[1]).Single().PluginName);
        history.AddAssistantMessage("Done.");
        await AskAsync(history, FunctionChoiceBehavior.Auto(), streams);
        Assert.Equal("lamp_set", _client.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().First().Name);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_CallsThatAreNotRun_AreLeftForTheCallerToAdd(bool streams)
    {
        ChatHistory history = new("Hello.", AuthorRole.User);
        _client.Calls = 1;
        await AskAsync(history, FunctionChoiceBehavior.Auto(autoInvoke: false), streams);
        Assert.Equal((1, 0), (history.Count, _runs));
    }

    // Semantic Kernel's contents cannot say that a call was broken off, so a caller would run it without its arguments.
    [Fact]
    public async Task Answer_CallThatWasBrokenOff_IsNotThereToBeInvoked()
    {
        (_client.Calls, _client.BreaksOff) = (1, true);
        PromptExecutionSettings settings = new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(autoInvoke: false) };
        ChatMessageContent message = await Service().GetChatMessageContentAsync("Hello.", settings, _kernel);
        Assert.Empty(Microsoft.SemanticKernel.FunctionCallContent.GetFunctionCalls(message));
        _client.Calls = 1;
        await foreach (StreamingChatMessageContent piece in Service().GetStreamingChatMessageContentsAsync("Hello.", settings, _kernel))
            Assert.Empty(piece.Items.OfType<StreamingFunctionCallUpdateContent>());
    }

    [Fact]
    public async Task Answer_SystemPromptOfTheSettings_IsForHistoriesWithoutOne()
    {
        KvNormPromptExecutionSettings settings = new() { ChatSystemPrompt = "System.", ChatDeveloperPrompt = "Developer." };
        await Service().GetChatMessageContentAsync(new ChatHistory("Hello.", AuthorRole.User), settings);
        Assert.Equal("System.\n\nDeveloper.", _client.Options!.Instructions);
        await Service().GetChatMessageContentAsync(new ChatHistory("Mine.") { new(AuthorRole.User, "Hello.") }, settings);
        Assert.Equal("Developer.", _client.Options.Instructions);
        Assert.Equal("System.", settings.ChatSystemPrompt);
    }

    [Fact]
    public async Task Answer_BaseSettingsWithAType_AskForItsSchema()
    {
        Dictionary<string, object> fields = new(StringComparer.Ordinal) { ["response_format"] = typeof(int) };
        PromptExecutionSettings settings = new() { ExtensionData = fields };
        await Service().GetChatMessageContentAsync("Hello.", settings);
        Assert.NotNull(Assert.IsType<ChatResponseFormatJson>(_client.Options!.ResponseFormat).Schema);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(512, "SALIENCE", null)]
    [InlineData(513, null, "512")]
    [InlineData(null, "recency", "'salience'")]
    public async Task Answer_CacheThatThePromptCountsOn_IsThereOrRefused(int? cells, string? policy, string? refusal)
    {
        KvNormPromptExecutionSettings settings = new() { MinimumCells = cells, Policy = policy };
        Task<ChatMessageContent> answer = Service().GetChatMessageContentAsync("Hello.", settings);
        if (refusal is null)
        {
            await answer;
            Assert.Empty(_client.Options?.AdditionalProperties ?? []);
        }
        else
        {
            NotSupportedException exception = await Assert.ThrowsAsync<NotSupportedException>(() => answer);
            Assert.Contains(refusal, exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(null, null, false, true)]
    [InlineData("other", null, false, true)]
    [InlineData("SCRIPTED", null, true, true)]
    [InlineData("mine", "mine", true, true)]
    [InlineData("scripted", "mine", true, false)]
    [InlineData("other", null, true, false)]
    public async Task NamedClient_ModelIdOfARequest_IsTakenOffOrRefused(string? asked, string? modelId, bool strict, bool answered)
    {
        using NamedChatClient named = new(_client, modelId, strict);
        Assert.Equal(modelId ?? "scripted", named.GetRequiredService<ChatClientMetadata>().DefaultModelId);
        ChatOptions options = new() { ModelId = asked };
        if (answered)
        {
            await named.GetResponseAsync("Hello.", options);
            Assert.Null(_client.Options!.ModelId);
        }
        else
        {
            NotSupportedException exception =
                await Assert.ThrowsAsync<NotSupportedException>(() => named.GetResponseAsync("Hello.", options));
            Assert.Contains($"'{asked}'", exception.Message, StringComparison.Ordinal);
        }

        Assert.Equal(asked, options.ModelId);
    }

    private KvNormChatCompletionService Service()
    {
        ServiceProvider services = new ServiceCollection().BuildServiceProvider();
        return new KvNormChatCompletionService(_client.AsBuilder().UseKernelFunctionInvocation().Build(services), services);
    }

    private async Task<string> AskAsync(ChatHistory history, FunctionChoiceBehavior behavior, bool streams)
    {
        PromptExecutionSettings settings = new() { FunctionChoiceBehavior = behavior };
        if (!streams)
            return (await Service().GetChatMessageContentAsync(history, settings, _kernel)).Content ?? "";
        string text = "";
        await foreach (StreamingChatMessageContent piece in Service().GetStreamingChatMessageContentsAsync(history, settings, _kernel))
            text += piece.Content;
        return text;
    }

    /// <summary>Calls the function as often as it is told to, then says that it is done.</summary>
    private sealed class ScriptedClient : IChatClient
    {
        private static readonly KvCacheStatistics Cache = new()
        {
            Cells = 0,
            Capacity = 1024,
            Slots = 2,
            BytesPerCell = 1,
            AllocatedBytes = 1024,
            LogicalTokens = 0,
            TokensSeen = 0,
            Evictions = 0,
            EvictedRows = 0,
            EvictionMilliseconds = 0,
            LastEviction = null,
            Policy = "salience",
            Mechanism = EvictionMechanism.RewriteRows,
        };

        public int Calls { get; set; }

        public bool BreaksOff { get; set; }

        public List<ChatMessage> Messages { get; private set; } = [];

        public ChatOptions? Options { get; private set; }

        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            (Messages, Options) = ([.. messages], options);
            await Task.Yield();
            FunctionCallContent call = new("1", "lamp_set")
            {
                Exception = BreaksOff ? new InvalidOperationException("broken off") : null,
                InformationalOnly = BreaksOff,
            };
            AIContent content = Calls-- > 0 ? call : new Microsoft.Extensions.AI.TextContent("Done.");
            yield return new ChatResponseUpdate(ChatRole.Assistant, [content]) { MessageId = $"{Calls}" };
        }

        public object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("test", null, "scripted")
            : serviceType == typeof(KvCacheStatistics) ? Cache
            : null;

        public void Dispose()
        {
            // Holds nothing.
        }
    }
}
