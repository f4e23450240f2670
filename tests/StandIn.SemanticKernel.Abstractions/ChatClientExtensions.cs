using Microsoft.Extensions.AI;

namespace Microsoft.SemanticKernel.ChatCompletion;

/// <summary>Stands for the extensions of this name.</summary>
public static class ChatClientExtensions
{
    public static IChatCompletionService AsChatCompletionService(this IChatClient client, IServiceProvider? serviceProvider = null) => new Service((client, serviceProvider));

    private sealed record Service((object Client, IServiceProvider? Services) Origin) : IChatCompletionService;
}
