using System.Reflection;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KvNorm.Chat;

/// <summary>
/// What of Semantic Kernel's abstractions is needed, found by name: an application that has the assembly gets its service, and nobody gets a dependency.
/// </summary>
internal sealed class SemanticKernelTypes
{
    private const string ServiceName = "Microsoft.SemanticKernel.ChatCompletion.IChatCompletionService, Microsoft.SemanticKernel.Abstractions";
    private const string ExtensionsName = "Microsoft.SemanticKernel.ChatCompletion.ChatClientExtensions, Microsoft.SemanticKernel.Abstractions";
    private const string InvocationName = "Microsoft.SemanticKernel.KernelFunctionInvokingChatClientBuilderExtensions, Microsoft.SemanticKernel.Abstractions";

    private readonly Func<IChatClient, IServiceProvider?, object> _asService;
    private readonly MethodInfo? _invokeFunctions;

    private SemanticKernelTypes(Type service, Func<IChatClient, IServiceProvider?, object> asService, MethodInfo? invokeFunctions) =>
        (Service, _asService, _invokeFunctions) = (service, asService, invokeFunctions);

    /// <summary>Gets IChatCompletionService.</summary>
    public Type Service { get; }

    /// <summary>The types; null when the assembly is absent or not as it is known: a program that never asks for the service must not fail over it.</summary>
    public static SemanticKernelTypes? Find()
    {
        try
        {
            Type? service = Type.GetType(ServiceName);
            MethodInfo? asService = Type.GetType(ExtensionsName)?.GetMethod("AsChatCompletionService", [typeof(IChatClient), typeof(IServiceProvider)]);
            if (service is null || asService is not { IsStatic: true } || !service.IsAssignableFrom(asService.ReturnType))
                return null;
            return new SemanticKernelTypes(service, asService.CreateDelegate<Func<IChatClient, IServiceProvider?, object>>(), FindInvocation());
        }
        catch (Exception e) when (e is FileLoadException or FileNotFoundException or BadImageFormatException or TypeLoadException)
        {
            return null;
        }
    }

    /// <summary>The service over a client. It runs the kernel's functions when the model calls them, as the services of Semantic Kernel's own connectors do.</summary>
    public object Create(IChatClient client, IServiceProvider provider) => _asService(InvokeFunctions(client, provider), provider);

    // The equivalent of client.AsBuilder().UseKernelFunctionInvocation(loggerFactory).Build(provider).
    private IChatClient InvokeFunctions(IChatClient client, IServiceProvider provider)
    {
        if (_invokeFunctions is null)
            return client;
        object builder = Activator.CreateInstance(_invokeFunctions.ReturnType, client)!;
        _invokeFunctions.Invoke(obj: null, [builder, provider.GetService<ILoggerFactory>()]);
        return (IChatClient)Build(_invokeFunctions.ReturnType)!.Invoke(builder, [provider])!;
    }

    // Null leaves the client as it is: an older assembly has no such method.
    private static MethodInfo? FindInvocation()
    {
        MethodInfo? method = Type.GetType(InvocationName)?.GetMethods().FirstOrDefault(IsInvocation);
        return method?.ReturnType.GetConstructor([typeof(IChatClient)]) is not null && Build(method.ReturnType)?.ReturnType == typeof(IChatClient) ? method : null;
    }

    private static bool IsInvocation(MethodInfo method) =>
        method is { Name: "UseKernelFunctionInvocation", IsStatic: true } && method.GetParameters() is [var builder, var logger]
        && builder.ParameterType == method.ReturnType && logger.ParameterType == typeof(ILoggerFactory);

    private static MethodInfo? Build(Type builder) => builder.GetMethod("Build", [typeof(IServiceProvider)]);
}
