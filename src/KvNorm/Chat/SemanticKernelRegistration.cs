using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace KvNorm.Chat;

/// <summary>Registers Semantic Kernel's IChatCompletionService over an <see cref="IChatClient"/> where Semantic Kernel is present.</summary>
internal static class SemanticKernelRegistration
{
    /// <summary>Registers the service over the client without a key.</summary>
    public static void Add(IServiceCollection services)
    {
        if (SemanticKernelTypes.Find() is { } kernel)
            services.AddSingleton(kernel.Service, provider => kernel.Create(provider.GetRequiredService<IChatClient>(), provider));
    }

    /// <summary>Registers the service over the client of a key, and without a key unless there is one already.</summary>
    public static void Add(IServiceCollection services, object serviceKey)
    {
        if (SemanticKernelTypes.Find() is not { } kernel)
            return;
        services.AddKeyedSingleton(kernel.Service, serviceKey, (provider, _) => kernel.Create(provider.GetRequiredKeyedService<IChatClient>(serviceKey), provider));
        services.TryAddSingleton(kernel.Service, provider => provider.GetRequiredKeyedService(kernel.Service, serviceKey));
    }
}
