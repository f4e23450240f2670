using Microsoft.Playwright;

namespace KvNorm.Server.Tests.Pages;

/// <summary>The system's Chromium, started once for the tests of the page; Playwright's own browsers are not fetched.</summary>
public sealed class Browser : IAsyncLifetime
{
    private const float PatienceMilliseconds = 60_000; // on a machine that has much to do

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Gets the path of Chromium; null where there is none.</summary>
    public static string? Chromium { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(static folder => Path.Combine(folder, "chromium")).FirstOrDefault(File.Exists);

    public async Task InitializeAsync()
    {
        if (Chromium is null)
            return; // the tests are skipped
        Assertions.SetDefaultExpectTimeout(PatienceMilliseconds);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium });
    }

    /// <summary>Opens a server's page in a tab that knows nothing of others.</summary>
    /// <param name="server">The server.</param>
    /// <param name="width">The width in pixels.</param>
    /// <param name="scheme">Light or dark.</param>
    /// <param name="prepare">Has its say before the page is loaded.</param>
    internal async Task<OpenPage> OpenAsync(
        RunningServer server, int width = 1400, ColorScheme scheme = ColorScheme.Light, Func<IPage, Task>? prepare = null)
    {
        IBrowserContext context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = 800 }, ColorScheme = scheme,
        });
        context.SetDefaultTimeout(PatienceMilliseconds);
        OpenPage page = new(await context.NewPageAsync());
        if (prepare is not null)
            await prepare(page.Page);
        await page.Page.GotoAsync(server.Address.ToString());
        return page;
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}

/// <summary>The tests of the page in a browser.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<Browser>
{
    public const string Name = "browser";
}
