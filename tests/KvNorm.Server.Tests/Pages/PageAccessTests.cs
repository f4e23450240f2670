using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Extensions.AI;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KvNorm.Server.Tests.Pages;

/// <summary>The page for people with keyboards, screen readers, narrow screens and conversations without end.</summary>
[Collection(BrowserTests.Name)]
public sealed class PageAccessTests(Browser browser)
{
    [ChromiumTheory]
    [InlineData(1400, ColorScheme.Light, false)]
    [InlineData(1400, ColorScheme.Dark, false)]
    [InlineData(320, ColorScheme.Light, false)]
    [InlineData(320, ColorScheme.Dark, true)]
    public async Task Page_AnyWidthAndScheme_IsAccessible(int width, ColorScheme scheme, bool showsMemory)
    {
        await using RunningServer server = await StartAsync();
        await using OpenPage open = await browser.OpenAsync(server, width, scheme, new LongConversation(turns: 2, tokens: 60).PrepareAsync);
        await Expect(open.Page.Locator(".timeline li")).ToHaveCountAsync(50);
        if (showsMemory)
            await open.Button("Memory").ClickAsync();
        await Expect(open.Page.Locator("#memory"))
            .ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Visible = showsMemory || width > 1000 });
        Assert.InRange(await open.Page.EvaluateAsync<int>("() => document.scrollingElement.scrollWidth"), 1, width);
        AxeResult result = await open.Page.RunAxe();
        Assert.True(result.Violations.Length == 0, string.Join('\n', result.Violations.Select(static one =>
            $"{one.Id}: {one.Help}: {string.Join(" | ", one.Nodes.Take(3).Select(static node => node.Html))}")));
    }

    [ChromiumFact]
    public async Task Page_EndlessConversation_StaysSmall()
    {
        await using RunningServer server = await StartAsync();
        LongConversation conversation = new(turns: 1000, tokens: 60_000);
        await using OpenPage open = await browser.OpenAsync(server, prepare: conversation.PrepareAsync);
        IPage page = open.Page;
        await Expect(page.GetByText("Messages 1,901 to 2,000 of 2,000")).ToBeVisibleAsync(); // above what the log is scrolled to
        await Expect(page.GetByText("Tokens 58,977 to 60,000 of 60,000")).ToBeVisibleAsync();
        Assert.InRange(await page.EvaluateAsync<int>("() => document.querySelectorAll('*').length"), 1024, 3000);

        ILocator tokens = page.Locator("#tokens");
        await tokens.GetByText("Earlier").ClickAsync();
        await Expect(page.GetByText("Tokens 57,953 to 58,976 of 60,000")).ToBeVisibleAsync();
        await Expect(page.Locator(".tokens span").First).ToHaveTextAsync("57952");
        await page.Locator(".passages button").ClickAsync();
        await Expect(page.Locator(".tokens .begins")).ToBeInViewportAsync();
        await Expect(page.Locator(".tokens .recalled")).ToHaveCountAsync(10);
    }

    [ChromiumFact]
    public async Task Page_Keyboard_ReachesEverything()
    {
        await using RunningServer server = await StartAsync();
        await using OpenPage open = await browser.OpenAsync(server, prepare: new LongConversation(turns: 2, tokens: 60).PrepareAsync);
        await Expect(open.Page.Locator(".timeline li").First).ToBeVisibleAsync();
        IKeyboard keyboard = open.Page.Keyboard;
        await keyboard.PressAsync("Tab");
        await Expect(open.Page.GetByText("Skip to the message box")).ToBeFocusedAsync();
        await keyboard.PressAsync("Enter");
        await Expect(open.Message).ToBeFocusedAsync();
        await keyboard.TypeAsync("Two");
        await keyboard.PressAsync("Shift+Enter");
        await keyboard.TypeAsync("lines");
        await keyboard.PressAsync("Enter");
        await Expect(open.Messages.Nth(4).Locator(".text")).ToHaveTextAsync("Two\nlines");
        await Expect(open.Page.Locator("#announcer")).ToHaveTextAsync("Hi"); // once, when it is whole
        await Expect(open.Message).ToBeFocusedAsync();

        List<string> reached = [];
        for (int tab = 0; tab < 6; tab++)
        {
            await keyboard.PressAsync("Tab");
            reached.Add(await open.Page.EvaluateAsync<string>(
                "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"));
        }

        Assert.All(["Regenerate", "Send", "Tokens", "at token 11"], name => Assert.Contains(name, reached, StringComparer.Ordinal));
    }

    private static Task<RunningServer> StartAsync() => RunningServer.StartAsync(FakeChatClient.Saying(new TextContent("Hi")));
}
