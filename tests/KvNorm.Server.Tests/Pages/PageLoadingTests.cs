using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KvNorm.Server.Tests.Pages;

/// <summary>The page of a server whose model is not there yet.</summary>
[Collection(BrowserTests.Name)]
public sealed class PageLoadingTests(Browser browser)
{
    [ChromiumFact]
    public async Task Page_ModelIsBeingLoaded_WaitsAndThenAnswers()
    {
        using ManualResetEventSlim loaded = new();
        await using RunningServer server = await StartAsync(() =>
        {
            loaded.Wait();
            return FakeChatClient.Saying(new TextContent("hi"));
        });
        await using OpenPage open = await browser.OpenAsync(server);
        await Expect(open.Page.Locator("#status")).ToHaveTextAsync("Loading the model…");
        await open.Message.FillAsync("hello"); // which may be written meanwhile
        await Expect(open.Button("Send")).ToBeDisabledAsync();
        await open.Message.PressAsync("Enter");
        await Expect(open.Messages).ToHaveCountAsync(0);
        await Expect(open.Message).ToHaveValueAsync("hello");

        loaded.Set();
        await Expect(open.Page.Locator("#status")).ToHaveTextAsync("Ready");
        await open.Message.PressAsync("Enter");
        await Expect(open.LastText).ToHaveTextAsync("hi");
    }

    [ChromiumFact]
    public async Task Page_ModelIsStillBeingLoadedWhenAsked_SaysSoAndAsksAgain()
    {
        await using RunningServer server = await StartAsync(static () => FakeChatClient.Saying(new TextContent("hi")));
        bool isLoading = true;
        await using OpenPage open = await browser.OpenAsync(server, prepare: page => page.RouteAsync("**/v1/chat/completions", route =>
            isLoading
                ? route.FulfillAsync(new RouteFulfillOptions
                {
                    Status = 503,
                    ContentType = "application/json",
                    Body = """{"error":{"message":"The model is being loaded; try again soon.","code":"model_loading"}}""",
                })
                : route.ContinueAsync()));
        await open.SendAsync("hello");
        await Expect(open.Notice).ToContainTextAsync("The model is still being loaded.");
        isLoading = false;
        await open.Button("Try again").ClickAsync();
        await Expect(open.LastText).ToHaveTextAsync("hi");
    }

    [ChromiumFact]
    public async Task Page_ModelCannotBeLoaded_SaysSo()
    {
        await using RunningServer server = await StartAsync(static () => throw new InvalidDataException("It is no model."));
        await using OpenPage open = await browser.OpenAsync(server);
        await Expect(open.Page.Locator("#status")).ToHaveTextAsync("The model cannot be loaded");
        await Expect(open.Button("Send")).ToBeDisabledAsync();
    }

    private static Task<RunningServer> StartAsync(Func<IChatClient> load) =>
        RunningServer.StartAsync(configure: null, services => services.AddSingleton(_ => load()));
}
