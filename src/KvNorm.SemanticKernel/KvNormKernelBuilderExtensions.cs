using KvNorm;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.SemanticKernel;

/// <summary>Adds a local chat model to a kernel.</summary>
public static class KvNormKernelBuilderExtensions
{
    /// <summary>
    /// Adds a local chat model as an IChatCompletionService and as an IChatClient, over one client that is loaded when it is first asked
    /// for. Both run the functions that the model calls.
    /// </summary>
    /// <param name="builder">The kernel's builder.</param>
    /// <param name="modelId">The name by which execution settings choose the model; null for the name of its file.</param>
    /// <param name="serviceId">The key of the services and the name of their <see cref="KvNormChatOptions"/>; null for none.</param>
    /// <param name="configure">Sets the options.</param>
    /// <param name="strictModelId">
    /// Whether execution settings that name another model are refused with <see cref="NotSupportedException"/> instead of answered.
    /// </param>
    /// <returns>The same builder.</returns>
    public static IKernelBuilder AddKvNormChat(
        this IKernelBuilder builder, string? modelId = null, string? serviceId = null, Action<KvNormChatOptions>? configure = null,
        bool strictModelId = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddKvNormChat(modelId, serviceId, configure, strictModelId);
        return builder;
    }

    /// <summary>Adds the local chat model of a kernel that has no other.</summary>
    /// <inheritdoc cref="AddKvNormChat(IKernelBuilder, string?, string?, Action{KvNormChatOptions}?, bool)"/>
    public static IKernelBuilder AddKvNormChat(this IKernelBuilder builder, Action<KvNormChatOptions> configure) =>
        builder.AddKvNormChat(modelId: null, serviceId: null, configure);
}
