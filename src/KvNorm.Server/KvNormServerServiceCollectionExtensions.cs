using KvNorm.Server;
using KvNorm.Server.Answers;
using KvNorm.Server.Api;
using KvNorm.Server.Completions;
using KvNorm.Server.Conversations;
using KvNorm.Server.Models;
using KvNorm.Server.Responses;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds OpenAI's API over a local chat model.</summary>
public static class KvNormServerServiceCollectionExtensions
{
    /// <summary>
    /// Adds what <c>MapKvNorm</c> maps. Without <see cref="KvNormServerOptions.Models"/> it serves the services' IChatClient, such as that
    /// of AddKvNormChat, with whatever the application put around it.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddKvNormServer(this IServiceCollection services, Action<KvNormServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<KvNormServerOptions>();
        if (configure is not null)
            services.Configure(configure);
        services.TryAddSingleton<ServedModels>();
        services.TryAddSingleton<AnswerTurns>();
        services.TryAddSingleton<Admission>();
        services.TryAddSingleton(static provider => new ApiEndpoint(
            new ApiKey(provider.GetRequiredService<IOptions<KvNormServerOptions>>().Value.ApiKey),
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("KvNorm.Server")));
        services.TryAddSingleton<ModelEndpoints>();
        services.TryAddSingleton<CompletionEndpoint>();
        services.TryAddSingleton<StoredResponses>();
        services.TryAddSingleton<ResponseEndpoints>();
        services.TryAddSingleton<ConversationEndpoints>();
        services.TryAddSingleton<SavedConversations>();
        services.AddHostedService<FirstModel>();
        return services;
    }
}
