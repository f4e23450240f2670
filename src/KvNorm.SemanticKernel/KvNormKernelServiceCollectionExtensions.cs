using KvNorm;
using KvNorm.SemanticKernel;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a local chat model to the services that kernels are made of.</summary>
public static class KvNormKernelServiceCollectionExtensions
{
    /// <summary>
    /// Adds a local chat model as an <see cref="IChatCompletionService"/> and as an <see cref="IChatClient"/>, over one client that is
    /// loaded when it is first asked for. Both run the functions that the model calls. Everything else is as with AddKvNormChat without a
    /// model id, which adds the client alone.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="modelId">The name by which execution settings choose the model; null for the name of its file.</param>
    /// <param name="serviceId">The key of the services and the name of their <see cref="KvNormChatOptions"/>; null for none.</param>
    /// <param name="configure">Sets the options.</param>
    /// <param name="strictModelId">
    /// Whether execution settings that name another model are refused with <see cref="NotSupportedException"/>. Unless set they are
    /// answered by this model: a prompt file often carries the name of the model that it was first written for.
    /// </param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddKvNormChat(
        this IServiceCollection services, string? modelId, string? serviceId = null, Action<KvNormChatOptions>? configure = null,
        bool strictModelId = false)
    {
        ChatClientBuilder client = serviceId is null
            ? services.AddKvNormChat(configure)
            : services.AddKeyedKvNormChat(serviceId, configure);
        client.UseKernelFunctionInvocation().Use(inner => new NamedChatClient(inner, modelId, strictModelId));
        services.AddKeyedSingleton<IChatCompletionService>(serviceId, (provider, _) =>
            new KvNormChatCompletionService(provider.GetRequiredKeyedService<IChatClient>(serviceId), provider));
        if (serviceId is not null)
            services.TryAddSingleton(provider => provider.GetRequiredKeyedService<IChatCompletionService>(serviceId));
        return services;
    }
}
