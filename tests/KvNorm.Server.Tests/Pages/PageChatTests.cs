using Microsoft.Extensions.AI;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KvNorm.Server.Tests.Pages;

/// <summary>The page's chat over clients that say what a test wants.</summary>
[Collection(BrowserTests.Name)]
public sealed class PageChatTests(Browser browser)
{
    private const string Markup = "<img src=x onerror=alert(1)> & <script>alert(1)</script> **[a](javascript:alert(1))**\n<b>end</b>";

    [ChromiumFact]
    public async Task Page_StopAndRegenerate_EndTheAnswerAndReplaceIt()
    {
        using FakeChatClient endless = FakeChatClient.Endless();
        await using RunningServer server = await RunningServer.StartAsync(endless);
        await using OpenPage open = await browser.OpenAsync(server);
        await Expect(open.Page.Locator("#memory")).ToContainTextAsync("This server's model does not tell what it remembers.");
        await open.SendAsync("Go on");
        await Expect(open.LastText).ToContainTextAsync("aaaa"); // it grows before it has ended
        await Expect(open.Page.GetByText("Answering…")).ToBeVisibleAsync();
        await open.Button("Stop").ClickAsync();
        await Expect(open.Messages.Last).ToContainTextAsync("Stopped by you.");
        await endless.Ended;

        await open.Button("Regenerate").ClickAsync();
        await Expect(open.Button("Stop")).ToBeVisibleAsync();
        await Expect(open.Messages).ToHaveCountAsync(2);
        await Expect(open.LastText).ToContainTextAsync("aaaa");
        await open.Page.Keyboard.PressAsync("Escape");
        await Expect(open.Button("Send")).ToBeVisibleAsync();
        Assert.All(endless.Requests, static request => Assert.Equal("Go on", Assert.Single(request.Messages).Text));

        await open.SendAsync("And now?");
        await Expect(open.Messages).ToHaveCountAsync(4);
        await Expect(open.LastText).ToContainTextAsync("aaaa"); // so the request has come
        string second = await open.Messages.Nth(1).Locator(".text").Last.InnerTextAsync();
        string[] sent = [.. endless.Requests[^1].Messages.Select(static message => message.Text)];
        Assert.Equal<string>(["Go on", second, "And now?"], sent);
    }

    [ChromiumFact]
    public async Task Page_MarkupInMessages_IsShownAsText()
    {
        using FakeChatClient client = FakeChatClient.Saying(new TextReasoningContent(Markup), new TextContent(Markup));
        await using RunningServer server = await RunningServer.StartAsync(client);
        await using OpenPage open = await browser.OpenAsync(server);
        await open.AskAsync(Markup);
        Assert.Equal([Markup, Markup, Markup], await open.Messages.Locator(".text:not(:empty)").AllTextContentsAsync());
        await Expect(open.Messages.Locator("img, script, b, a")).ToHaveCountAsync(0);
        await open.Page.GetByText("Reasoning", new PageGetByTextOptions { Exact = true }).ClickAsync();
        await Expect(open.Messages.Last.Locator(".text").First).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task Page_ServerWithKey_AsksForIt()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            FakeChatClient.Saying(new TextContent("Hi")), static options => options.ApiKey = "sesame");
        await using OpenPage open = await browser.OpenAsync(server);
        ILocator key = open.Page.GetByLabel("API key");
        await key.FillAsync("wrong");
        await key.PressAsync("Enter");
        await Expect(open.Page.GetByText("The server does not take this key.")).ToBeVisibleAsync();
        await key.FillAsync("sesame");
        await key.PressAsync("Enter");
        await Expect(open.Notice).ToBeEmptyAsync();
        await open.AskAsync("Hello");
        await Expect(open.LastText).ToHaveTextAsync("Hi");
        Assert.Equal("sesame", await open.Page.EvaluateAsync<string>("() => sessionStorage.getItem('kvnorm.key')"));
        Assert.Equal(0, await open.Page.EvaluateAsync<int>("() => localStorage.length + document.cookie.length"));
    }

    [ChromiumFact]
    public async Task Page_RefusedOrLost_SaysSoAndTriesAgain()
    {
        await using RunningServer server = await RunningServer.StartAsync(FakeChatClient.Saying(new TextContent("Hi")));
        await using OpenPage open = await browser.OpenAsync(server);
        await open.Page.RouteAsync("**/v1/chat/completions", static route => route.FulfillAsync(new RouteFulfillOptions
        {
            Status = 429, Headers = [new("Retry-After", "2")], Body = """{"error":{"code":"queue_full","message":"busy"}}""",
        }));
        await open.SendAsync("Hello");
        await Expect(open.Notice).ToContainTextAsync("The server is busy with other conversations. Try again in 2 seconds.");

        await open.Page.Context.SetOfflineAsync(true);
        await open.Page.UnrouteAsync("**/v1/chat/completions");
        await open.Button("Try again").ClickAsync();
        await Expect(open.Notice).ToContainTextAsync("The connection to the server is lost.");
        await Expect(open.Button("Send")).ToBeDisabledAsync();
        await open.Page.Context.SetOfflineAsync(false);
        await open.Button("Get an answer").ClickAsync();
        await Expect(open.LastText).ToHaveTextAsync("Hi");
        await Expect(open.Messages).ToHaveCountAsync(2);
        await Expect(open.Notice).ToBeEmptyAsync();
    }

    [ChromiumFact]
    public async Task Page_AnswerThatBreaksOff_IsKeptAndMarked()
    {
        using FakeChatClient client = new(static (index, _) => index == 0
            ? Task.FromResult<ChatResponseUpdate?>(new ChatResponseUpdate(ChatRole.Assistant, "Half of"))
            : throw new InvalidOperationException("The model is gone."));
        await using RunningServer server = await RunningServer.StartAsync(client);
        await using OpenPage open = await browser.OpenAsync(server);
        await open.AskAsync("Hello");
        await Expect(open.LastText).ToHaveTextAsync("Half of");
        await Expect(open.Messages.Last).ToContainTextAsync("Broken off");
        await Expect(open.Notice).ToContainTextAsync("The server failed at this request. Its log says at what.");
    }
}
