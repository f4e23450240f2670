using KvNorm;
using KvNorm.Chat;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Adds a local chat model to a host, to a Semantic Kernel (kernelBuilder.Services) or to anything else with services. Where Semantic Kernel's
/// abstractions are present, its IChatCompletionService is added as well, over the same client.
/// </summary>
public static class KvNormServiceCollectionExtensions
{
    /// <summary>Adds an <see cref="IChatClient"/>, one for the application. The model is loaded when it is first asked for.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddKvNormChat(this IServiceCollection services, Action<KvNormChatOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddSingleton<IChatClient>(provider => Create(provider, configure));
        SemanticKernelRegistration.Add(services);
        return services;
    }

    /// <summary>Adds an <see cref="IChatClient"/> under a key (a Semantic Kernel serviceId), and without one unless there is one already.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddKvNormChat(this IServiceCollection services, object serviceKey, Action<KvNormChatOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(serviceKey);
        services.AddKeyedSingleton<IChatClient>(serviceKey, (provider, _) => Create(provider, configure));
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<IChatClient>(serviceKey));
        SemanticKernelRegistration.Add(services, serviceKey);
        return services;
    }

    private static KvNormChatClient Create(IServiceProvider provider, Action<KvNormChatOptions>? configure)
    {
        KvNormChatOptions options = new();
        configure?.Invoke(options);
        return KvNormChatClient.Create(options, provider.GetService<ILoggerFactory>());
    }
}
