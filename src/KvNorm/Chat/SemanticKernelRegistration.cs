using System.Reflection;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace KvNorm.Chat;

/// <summary>
/// Registers Semantic Kernel's IChatCompletionService over an <see cref="IChatClient"/>. Its types are found by name: an application that has the
/// assembly gets the service, and nobody gets a dependency.
/// </summary>
internal static class SemanticKernelRegistration
{
    private const string ServiceName = "Microsoft.SemanticKernel.ChatCompletion.IChatCompletionService, Microsoft.SemanticKernel.Abstractions";
    private const string ExtensionsName = "Microsoft.SemanticKernel.ChatCompletion.ChatClientExtensions, Microsoft.SemanticKernel.Abstractions";

    /// <summary>Registers the service over the client without a key.</summary>
    public static void Add(IServiceCollection services)
    {
        if (Find() is var (service, wrap))
            services.AddSingleton(service, provider => wrap(provider.GetRequiredService<IChatClient>(), provider));
    }

    /// <summary>Registers the service over the client of a key, and without a key unless there is one already.</summary>
    public static void Add(IServiceCollection services, object serviceKey)
    {
        if (Find() is not var (service, wrap))
            return;
        services.AddKeyedSingleton(service, serviceKey, (provider, _) => wrap(provider.GetRequiredKeyedService<IChatClient>(serviceKey), provider));
        services.TryAddSingleton(service, provider => provider.GetRequiredKeyedService(service, serviceKey));
    }

    // Null when the assembly is absent or not as it was in 1.80: a program that never asks for the service must not fail over it.
    private static (Type Service, Func<IChatClient, IServiceProvider?, object> Wrap)? Find()
    {
        try
        {
            Type? service = Type.GetType(ServiceName);
            MethodInfo? wrap = Type.GetType(ExtensionsName)?.GetMethod("AsChatCompletionService", BindingFlags.Public | BindingFlags.Static, [typeof(IChatClient), typeof(IServiceProvider)]);
            return service is not null && wrap is not null && service.IsAssignableFrom(wrap.ReturnType)
                ? (service, wrap.CreateDelegate<Func<IChatClient, IServiceProvider?, object>>())
                : null;
        }
        catch (Exception e) when (e is FileLoadException or FileNotFoundException or BadImageFormatException or TypeLoadException)
        {
            return null;
        }
    }
}
