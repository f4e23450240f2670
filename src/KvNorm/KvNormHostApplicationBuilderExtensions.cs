using KvNorm;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds a local chat model to a host; see <see cref="KvNormServiceCollectionExtensions"/>.</summary>
public static class KvNormHostApplicationBuilderExtensions
{
    /// <inheritdoc cref="KvNormServiceCollectionExtensions.AddKvNormChat(IServiceCollection, Action{KvNormChatOptions}?)"/>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configure">Sets the options.</param>
    public static ChatClientBuilder AddKvNormChat(this IHostApplicationBuilder builder, Action<KvNormChatOptions>? configure = null) =>
        Services(builder).AddKvNormChat(configure);

    /// <inheritdoc cref="KvNormServiceCollectionExtensions.AddKvNormChat(IServiceCollection, IConfiguration)"/>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configuration">A section whose keys are the properties of <see cref="KvNormChatOptions"/>.</param>
    public static ChatClientBuilder AddKvNormChat(this IHostApplicationBuilder builder, IConfiguration configuration) =>
        Services(builder).AddKvNormChat(configuration);

    /// <inheritdoc cref="KvNormServiceCollectionExtensions.AddKeyedKvNormChat(IServiceCollection, object, Action{KvNormChatOptions}?)"/>
    /// <param name="builder">The host's builder.</param>
    /// <param name="serviceKey">The key; its text names the options.</param>
    /// <param name="configure">Sets the options.</param>
    public static ChatClientBuilder AddKeyedKvNormChat(
        this IHostApplicationBuilder builder, object serviceKey, Action<KvNormChatOptions>? configure = null) =>
        Services(builder).AddKeyedKvNormChat(serviceKey, configure);

    /// <inheritdoc cref="KvNormServiceCollectionExtensions.AddKeyedKvNormChat(IServiceCollection, object, IConfiguration)"/>
    /// <param name="builder">The host's builder.</param>
    /// <param name="serviceKey">The key; its text names the options.</param>
    /// <param name="configuration">A section whose keys are the properties of <see cref="KvNormChatOptions"/>.</param>
    public static ChatClientBuilder AddKeyedKvNormChat(
        this IHostApplicationBuilder builder, object serviceKey, IConfiguration configuration) =>
        Services(builder).AddKeyedKvNormChat(serviceKey, configuration);

    private static IServiceCollection Services(IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Services;
    }
}
