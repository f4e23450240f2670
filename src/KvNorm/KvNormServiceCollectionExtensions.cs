using KvNorm;
using KvNorm.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Adds a local chat model to an application as an <see cref="IChatClient"/>, as AddChatClient and AddKeyedChatClient add others. The
/// options are named by the key: Configure&lt;KvNormChatOptions&gt; reaches them as well. They are checked when the host starts. The model
/// is loaded when the client is first asked for, or in the background at start (<see cref="KvNormChatOptions.LoadAtStart"/>), once for each
/// key; the container disposes of it.
/// </summary>
public static class KvNormServiceCollectionExtensions
{
    private static readonly object PlainLoader = new(); // the key of the loader of the client without one

    /// <summary>Adds the application's <see cref="IChatClient"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>A builder of what requests go through before they reach the model.</returns>
    public static ChatClientBuilder AddKvNormChat(this IServiceCollection services, Action<KvNormChatOptions>? configure = null) =>
        Add(services, key: null, configure);

    /// <summary>Adds the application's <see cref="IChatClient"/> with options from configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">
    /// A section whose keys are the properties of <see cref="KvNormChatOptions"/>. An unknown key or value is an error when the host
    /// starts.
    /// </param>
    /// <returns>A builder of what requests go through before they reach the model.</returns>
    public static ChatClientBuilder AddKvNormChat(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Add(services, key: null, options => ChatOptionsSection.Apply(options, configuration));
    }

    /// <summary>
    /// Adds an <see cref="IChatClient"/> under a key. The same client is the one without a key, unless there is one already.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key; its text names the options.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>A builder of what requests go through before they reach the model.</returns>
    public static ChatClientBuilder AddKeyedKvNormChat(
        this IServiceCollection services, object serviceKey, Action<KvNormChatOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(serviceKey);
        return Add(services, serviceKey, configure);
    }

    /// <summary>
    /// Adds an <see cref="IChatClient"/> under a key with options from configuration. The same client is the one without a key, unless
    /// there is one already.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key; its text names the options.</param>
    /// <param name="configuration">
    /// A section whose keys are the properties of <see cref="KvNormChatOptions"/>. An unknown key or value is an error when the host
    /// starts.
    /// </param>
    /// <returns>A builder of what requests go through before they reach the model.</returns>
    public static ChatClientBuilder AddKeyedKvNormChat(this IServiceCollection services, object serviceKey, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(serviceKey);
        ArgumentNullException.ThrowIfNull(configuration);
        return Add(services, serviceKey, options => ChatOptionsSection.Apply(options, configuration));
    }

    private static ChatClientBuilder Add(IServiceCollection services, object? key, Action<KvNormChatOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        string name = key?.ToString() ?? Options.Options.DefaultName;
        OptionsBuilder<KvNormChatOptions> options = services.AddOptionsWithValidateOnStart<KvNormChatOptions, ChatOptionsValidator>(name);
        if (configure is not null)
            options.Configure(configure);
        object loaderKey = key ?? PlainLoader;
        AddLoader(services, loaderKey, name);
        if (key is null)
        {
            services.Replace(ServiceDescriptor.Singleton(Loader)); // in the place of a keyed client's, if that was added before
            return services.AddChatClient(provider => Loader(provider).Load());
        }

        services.TryAddSingleton(Loader);
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<IChatClient>(key));
        return services.AddKeyedChatClient(key, provider => Loader(provider).Load());

        ChatClientLoader Loader(IServiceProvider provider) => provider.GetRequiredKeyedService<ChatClientLoader>(loaderKey);
    }

    // Once for each key, however often it is added: the model is large.
    private static void AddLoader(IServiceCollection services, object key, string name)
    {
        if (services.Any(service => service.ServiceType == typeof(ChatClientLoader) && Equals(service.ServiceKey, key)))
            return;
        services.AddKeyedSingleton(key, (provider, _) => new ChatClientLoader(
            provider.GetRequiredService<IOptionsMonitor<KvNormChatOptions>>(),
            name,
            provider.GetService<ILoggerFactory>(),
            provider.GetService<IEmbeddingGenerator<string, Embedding<float>>>));
        services.AddSingleton<IHostedService>(provider => new BackgroundLoad(provider.GetRequiredKeyedService<ChatClientLoader>(key)));
    }
}
