using KvNorm.SemanticKernel;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace KvNorm.Acceptance.Tests.SemanticKernel;

/// <summary>The tests that share one kernel.</summary>
[CollectionDefinition(Name)]
public sealed class SharedKernel : ICollectionFixture<KernelFixture>
{
    public const string Name = "shared kernel";
}

/// <summary>What the tests of Semantic Kernel have in common.</summary>
[Collection(SharedKernel.Name)]
public abstract class KernelTests(KernelFixture fixture)
{
    /// <summary>Enough for a call of any of the lamp's functions.</summary>
    protected const int CallTokens = 48;

    /// <summary>Gets a history with one question.</summary>
    protected static ChatHistory Question =>
        new("Answer in one sentence.", AuthorRole.System) { new ChatMessageContent(AuthorRole.User, "What is the sea?") };

    /// <summary>A kernel of the test's own.</summary>
    protected Kernel Kernel(Lamp? lamp = null) => fixture.Create(lamp);

    /// <summary>The service of a kernel.</summary>
    protected static IChatCompletionService Service(Kernel kernel) => kernel.GetRequiredService<IChatCompletionService>();

    /// <summary>Settings for a short and greedy answer: the model is small, and what it says does not matter.</summary>
    protected static KvNormPromptExecutionSettings Brief(int tokens = 12) => new() { Temperature = 0, MaxTokens = tokens };

    /// <summary>What an answer cost.</summary>
    protected static UsageDetails Usage(KernelContent content) => Assert.IsType<UsageDetails>(content.Metadata!["Usage"]);

    /// <summary>The tokens of an answer.</summary>
    protected static long? OutputTokens(KernelContent content) => Usage(content).OutputTokenCount;
}
