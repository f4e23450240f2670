using KvNorm.SemanticKernel;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace KvNorm.Acceptance.Tests.SemanticKernel;

public sealed class RegistrationTests(KernelFixture fixture) : KernelTests(fixture)
{
    [Fact]
    public async Task Clone_Kernel_HasTheSameServiceAndPluginsOfItsOwn()
    {
        Kernel kernel = Kernel(), clone = kernel.Clone();
        clone.Plugins.AddFromObject(new Lamp(), "lamp");
        Assert.Empty(kernel.Plugins);
        Assert.Same(Service(kernel), Service(clone));
        Assert.NotEmpty((await clone.InvokePromptAsync<string>("What is the sea?", new KernelArguments(Brief())))!);
    }

    [Fact]
    public async Task ChatClient_Bare_AnswersAndRunsFunctions()
    {
        Lamp lamp = new();
        Kernel kernel = Kernel(lamp);
        IChatClient client = kernel.GetRequiredService<IChatClient>();
        KvNormPromptExecutionSettings settings = Brief(CallTokens);
        settings.FunctionChoiceBehavior = FunctionChoiceBehavior.Required([kernel.Plugins.GetFunction("lamp", "set")]);
        ChatResponse response = await client.GetResponseAsync("Switch the lamp on.", settings.ToChatOptions(kernel));
        Assert.Equal(1, lamp.Runs);
        Assert.NotEmpty(response.Text);
    }

    [Fact]
    public async Task ServiceIds_TwoServices_AreChosenByTheKeyOfTheSettings()
    {
        Kernel kernel = Two(strictModelId: false);
        using IDisposable services = (IDisposable)kernel.Services;
        Assert.Equal((200, 400), (Capacity(kernel, "small"), Capacity(kernel, "large")));
        Assert.Equal("first", await AnsweredByAsync(kernel, new PromptExecutionSettings { ServiceId = "small" }));
        Assert.Equal("second", await AnsweredByAsync(kernel, new PromptExecutionSettings { ServiceId = "large" }));
    }

    [Fact]
    public async Task ModelIds_TwoServices_AreChosenByTheModelOfTheSettings()
    {
        Kernel kernel = Two(strictModelId: false);
        using IDisposable services = (IDisposable)kernel.Services;
        Assert.Equal("first", await AnsweredByAsync(kernel, new PromptExecutionSettings { ModelId = "first" }));
        Assert.Equal("second", await AnsweredByAsync(kernel, new PromptExecutionSettings { ModelId = "second" }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PromptFile_AnotherModelId_IsAnsweredUnlessStrict(bool strict)
    {
        Kernel kernel = Two(strict);
        using IDisposable services = (IDisposable)kernel.Services;
        KernelFunction prompt = KernelFunctionFactory.CreateFromPrompt(PromptTemplateConfig.FromJson("""
            {
              "name": "sea", "template": "What is the {{$what}}?", "input_variables": [{ "name": "what" }],
              "execution_settings": { "default": { "model_id": "gpt-4o", "temperature": 0, "max_tokens": 4 } }
            }
            """));
        KernelArguments arguments = new() { ["what"] = "sea" };
        if (strict)
        {
            NotSupportedException exception = await Assert.ThrowsAsync<NotSupportedException>(() => kernel.InvokeAsync(prompt, arguments));
            Assert.Contains("gpt-4o", exception.Message, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(4, OutputTokens((await kernel.InvokeAsync(prompt, arguments)).GetValue<ChatMessageContent>()!));
        }
    }

    [Fact]
    public async Task AddKernel_InAHost_AnswersAndIsDisposedOfOnce()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddKernel().AddKvNormChat(options => KernelFixture.Configure(options, 200));
        builder.Services.AddKernel().Plugins.AddFromType<Lamp>();
        IHost host = builder.Build();
        await host.StartAsync();
        Kernel kernel = host.Services.GetRequiredService<Kernel>();
        Assert.NotEmpty((await kernel.InvokePromptAsync<string>("What is the sea?", new KernelArguments(Brief(3))))!);
        IChatClient client = host.Services.GetRequiredService<IChatClient>();
        await host.StopAsync();
        host.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("hello"));
    }

    [Fact]
    public void ServiceAndClient_OfOneId_ShareOneModel()
    {
        using ServiceProvider services = (ServiceProvider)Two(strictModelId: false).Services;
        Assert.Same(
            services.GetRequiredService<IChatCompletionService>(), services.GetRequiredKeyedService<IChatCompletionService>("small"));
        Assert.Same(services.GetRequiredService<IChatClient>(), services.GetRequiredKeyedService<IChatClient>("small"));
        Assert.Equal("first", services.GetRequiredService<IChatClient>().GetModelId());
    }

    // The same model twice, told apart by the size of its cache.
    private static Kernel Two(bool strictModelId) => Microsoft.SemanticKernel.Kernel.CreateBuilder()
        .AddKvNormChat("first", "small", options => KernelFixture.Configure(options, 200), strictModelId)
        .AddKvNormChat("second", "large", options => KernelFixture.Configure(options, 400), strictModelId)
        .Build();

    private static int Capacity(Kernel kernel, string serviceId) =>
        kernel.GetRequiredService<IChatClient>(serviceId).GetRequiredService<KvCacheStatistics>().Capacity;

    // The model that has decoded something since.
    private static async Task<string> AnsweredByAsync(Kernel kernel, PromptExecutionSettings settings)
    {
        IChatClient first = kernel.GetRequiredService<IChatClient>("small"), second = kernel.GetRequiredService<IChatClient>("large");
        (long firstBefore, long secondBefore) = (Seen(first), Seen(second));
        settings.ExtensionData = new Dictionary<string, object>(StringComparer.Ordinal) { ["max_tokens"] = 2 };
        await kernel.InvokePromptAsync("What is the sea?", new KernelArguments(settings));
        return (Seen(first) > firstBefore, Seen(second) > secondBefore) switch
        {
            (true, false) => "first",
            (false, true) => "second",
            _ => "both or none",
        };
    }

    private static long Seen(IChatClient client) => client.GetRequiredService<KvCacheStatistics>().TokensSeen;
}
