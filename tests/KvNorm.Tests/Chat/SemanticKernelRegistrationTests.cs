using System.Reflection;
using System.Reflection.Emit;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace KvNorm.Tests.Chat;

/// <summary>
/// Each test loads this library once more into a context of its own, with or without an assembly of Semantic Kernel's name; the abstractions are shared.
/// Another client takes the place of the one registered, so that no model is loaded.
/// </summary>
public sealed class SemanticKernelRegistrationTests
{
    private const string AssemblyName = "Microsoft.SemanticKernel.Abstractions";
    private const string Namespace = "Microsoft.SemanticKernel.ChatCompletion";

    private static readonly string StandIn = Path.Combine(AppContext.BaseDirectory, "standin", AssemblyName + ".dll");

    private static readonly SilentChatClient Client = new();

    [Fact]
    public void AddKvNormChat_SemanticKernelPresent_AddsItsServiceOverTheClient()
    {
        using LibraryContext context = new(File.ReadAllBytes(StandIn));
        IServiceCollection services = context.AddKvNormChat(serviceKey: null).AddSingleton<IChatClient>(Client);
        using ServiceProvider provider = services.BuildServiceProvider();
        object service = provider.GetRequiredService(context.Service);
        Assert.Same(service, provider.GetRequiredService(context.Service));
        Assert.Same(Client, Origin(service).Client.GetService<SilentChatClient>());
        Assert.NotNull(Origin(service).Services);
    }

    [Fact]
    public void AddKvNormChat_SemanticKernelPresent_LetsItRunTheFunctionsThatTheModelCalls()
    {
        using LibraryContext context = new(File.ReadAllBytes(StandIn));
        using ServiceProvider provider = context.AddKvNormChat(serviceKey: null).AddSingleton<IChatClient>(Client).BuildServiceProvider();
        Assert.Equal("InvokingClient", Origin(provider.GetRequiredService(context.Service)).Client.GetType().Name);
    }

    [Fact]
    public void AddKvNormChat_KeyedWithSemanticKernelPresent_AddsItUnderTheKeyAndWithout()
    {
        using LibraryContext context = new(File.ReadAllBytes(StandIn));
        IServiceCollection services = context.AddKvNormChat("local").AddKeyedSingleton<IChatClient>("local", Client);
        using ServiceProvider provider = services.BuildServiceProvider();
        object service = provider.GetRequiredKeyedService(context.Service, "local");
        Assert.Same(Client, Origin(service).Client.GetService<SilentChatClient>());
        Assert.Same(service, provider.GetRequiredService(context.Service));
    }

    [Fact]
    public void AddKvNormChat_KeyedBesideAnotherService_LeavesThatTheOneWithoutKey()
    {
        using LibraryContext context = new(File.ReadAllBytes(StandIn));
        IServiceCollection services = context.AddKvNormChat(serviceKey: null).AddSingleton<IChatClient>(Client);
        context.AddKvNormChat("local", services).AddKeyedSingleton<IChatClient>("local", new SilentChatClient());
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Same(Client, Origin(provider.GetRequiredService(context.Service)).Client.GetService<SilentChatClient>());
        Assert.NotSame(Client, Origin(provider.GetRequiredKeyedService(context.Service, "local")).Client.GetService<SilentChatClient>());
    }

    [Theory]
    [InlineData("absent")]
    [InlineData("no library")]
    [InlineData("empty")]
    [InlineData("interface only")]
    [InlineData("other parameters")]
    [InlineData("other result")]
    public void AddKvNormChat_SemanticKernelAbsentOrUnknown_AddsTheClientAlone(string kind)
    {
        using LibraryContext context = new(kind switch
        {
            "absent" => null,
            "no library" => "not a library"u8.ToArray(),
            "empty" => Emit(_ => { }),
            "interface only" => Emit(module => Interface(module)),
            "other parameters" => Emit(module => Extension(module, Interface(module), typeof(IChatClient))),
            _ => Emit(module =>
            {
                Interface(module);
                Extension(module, typeof(string), typeof(IChatClient), typeof(IServiceProvider));
            }),
        });
        Assert.Equal(typeof(IChatClient), Assert.Single(context.AddKvNormChat(serviceKey: null)).ServiceType);
        Assert.All(context.AddKvNormChat("local"), service => Assert.Equal(typeof(IChatClient), service.ServiceType));
    }

    [Fact]
    public void AddKvNormChat_SemanticKernelWithoutFunctionInvocation_AddsItsService()
    {
        using LibraryContext context = new(Emit(module =>
        {
            Type service = Interface(module);
            Extension(module, service, typeof(IChatClient), typeof(IServiceProvider));
        }));
        Assert.Equal(context.Service, context.AddKvNormChat(serviceKey: null)[^1].ServiceType);
    }

    // The tests themselves run without it, whatever is laid beside them.
    [Fact]
    public void AddKvNormChat_InThisProcess_AddsTheClientAlone()
    {
        Assert.Null(Type.GetType($"{Namespace}.IChatCompletionService, {AssemblyName}"));
        Assert.Single(new ServiceCollection().AddKvNormChat());
    }

    private static (IChatClient Client, IServiceProvider? Services) Origin(object service)
    {
        (object client, IServiceProvider? services) = ((object, IServiceProvider?))service.GetType().GetProperty("Origin")!.GetValue(service)!;
        return ((IChatClient)client, services);
    }

    private static byte[] Emit(Action<ModuleBuilder> define)
    {
        PersistedAssemblyBuilder assembly = new(new AssemblyName(AssemblyName), typeof(object).Assembly);
        define(assembly.DefineDynamicModule(AssemblyName));
        using MemoryStream bytes = new();
        assembly.Save(bytes);
        return bytes.ToArray();
    }

    private static Type Interface(ModuleBuilder module) =>
        module.DefineType($"{Namespace}.IChatCompletionService", TypeAttributes.Public | TypeAttributes.Interface | TypeAttributes.Abstract).CreateType();

    private static void Extension(ModuleBuilder module, Type result, params Type[] parameters)
    {
        TypeBuilder extensions = module.DefineType($"{Namespace}.ChatClientExtensions", TypeAttributes.Public | TypeAttributes.Abstract | TypeAttributes.Sealed);
        ILGenerator code = extensions.DefineMethod("AsChatCompletionService", MethodAttributes.Public | MethodAttributes.Static, result, parameters).GetILGenerator();
        code.Emit(OpCodes.Ldnull);
        code.Emit(OpCodes.Ret);
        extensions.CreateType();
    }
}
