using System.Reflection;
using System.Runtime.Loader;
using Microsoft.Extensions.DependencyInjection;

namespace KvNorm.Tests.Chat;

/// <summary>This library loaded once more, beside an assembly that answers to the name of Semantic Kernel's abstractions; null for none.</summary>
internal sealed class LibraryContext(byte[]? semanticKernel) : AssemblyLoadContext(isCollectible: true), IDisposable
{
    private const string SemanticKernel = "Microsoft.SemanticKernel.Abstractions";

    /// <summary>Gets IChatCompletionService as the library sees it.</summary>
    public Type Service => LoadFromAssemblyName(new AssemblyName(SemanticKernel)).GetType("Microsoft.SemanticKernel.ChatCompletion.IChatCompletionService", throwOnError: true)!;

    public IServiceCollection AddKvNormChat(object? serviceKey, IServiceCollection? services = null)
    {
        services ??= new ServiceCollection();
        Type extensions = LoadFromAssemblyName(typeof(KvNormChatClient).Assembly.GetName()).GetType(typeof(KvNormServiceCollectionExtensions).FullName!, throwOnError: true)!;
        MethodInfo add = extensions.GetMethods().Single(method => method.Name == nameof(AddKvNormChat) && method.GetParameters().Length == (serviceKey is null ? 2 : 3));
        object?[] arguments = serviceKey is null ? [services, null] : [services, serviceKey, null];
        return (IServiceCollection)add.Invoke(obj: null, arguments)!;
    }

    public void Dispose() => Unload();

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name == SemanticKernel && semanticKernel is not null)
            return LoadFromStream(new MemoryStream(semanticKernel));
        return assemblyName.Name == typeof(KvNormChatClient).Assembly.GetName().Name ? LoadFromAssemblyPath(typeof(KvNormChatClient).Assembly.Location) : null;
    }
}
