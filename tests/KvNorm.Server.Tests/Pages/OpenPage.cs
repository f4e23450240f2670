using System.Collections.Concurrent;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KvNorm.Server.Tests.Pages;

/// <summary>The page in a tab. Whatever the browser complains about is kept, and fails the test at its end.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    // What the browser itself says of a status such as 429: no defect of the page.
    private const string RefusedRequest = "Failed to load resource";

    private readonly ConcurrentQueue<string> _complaints = [];

    public OpenPage(IPage page)
    {
        Page = page;
        page.Console += (_, message) => _complaints.Enqueue(message.Text); // violations of the content security policy, too
        page.PageError += (_, error) => _complaints.Enqueue(error);
    }

    public IPage Page { get; }

    public ILocator Message => Page.GetByLabel("Your message");

    public ILocator Messages => Page.Locator("#messages article");

    public ILocator LastText => Messages.Last.Locator(".text").Last;

    public ILocator Notice => Page.Locator("#notice");

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    /// <summary>Sends a message by the keyboard.</summary>
    public async Task SendAsync(string text)
    {
        await Expect(Button("Send")).ToBeEnabledAsync(); // the server is ready
        await Message.FillAsync(text);
        await Message.PressAsync("Enter");
    }

    /// <summary>Sends a message, and waits for the whole answer.</summary>
    public async Task AskAsync(string text)
    {
        int before = await Messages.CountAsync();
        await SendAsync(text);
        await Expect(Messages).ToHaveCountAsync(before + 2);
        await Expect(Button("Send")).ToBeVisibleAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Page.Context.CloseAsync();
        Assert.DoesNotContain(_complaints, static complaint => !complaint.StartsWith(RefusedRequest, StringComparison.Ordinal));
    }
}
