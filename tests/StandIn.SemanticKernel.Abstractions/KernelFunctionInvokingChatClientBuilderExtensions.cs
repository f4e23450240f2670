using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Microsoft.SemanticKernel;

/// <summary>Stands for the extensions of this name.</summary>
public static class KernelFunctionInvokingChatClientBuilderExtensions
{
    public static ChatClientBuilder UseKernelFunctionInvocation(this ChatClientBuilder builder, ILoggerFactory? loggerFactory = null) =>
        builder.Use(client => new InvokingClient(client));

    private sealed class InvokingClient(IChatClient client) : DelegatingChatClient(client);
}
