using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KvNorm.Server.Tests.Pages;

/// <summary>A conversation on the page with the embedded model in a small budget: the page shows what the server says of it.</summary>
[Collection(BrowserTests.Name)]
public sealed class PageConversationTests(Browser browser)
{
    private const string Fact = "The password of Zanzibar is heliotrope.";
    private const int Cells = 256;

    private static readonly string Prose =
        string.Join(' ', Enumerable.Range(0, 25).Select(static i => $"The house number {i} is painted in its own colour."));

    [ChromiumFact]
    public async Task Page_ConversationBeyondItsBudget_ShowsEvictionsAndRecall()
    {
        await using RunningServer server = await StartAsync();
        await using OpenPage open = await browser.OpenAsync(server);
        IPage page = open.Page;
        await open.AskAsync($"Please remember this. {Fact}");
        await Expect(page.GetByText("No eviction and no recall yet.")).ToBeVisibleAsync();
        await RequireMemoryAsync(page, await MemoryAsync(server));

        await open.AskAsync(Prose);
        JsonElement memory = await MemoryAsync(server);
        await RequireMemoryAsync(page, memory);
        Assert.True(memory.GetProperty("evicted").GetInt32() > 0);
        string rows = $"{memory.GetProperty("events").EnumerateArray().Last().GetProperty("rows").GetInt64():N0} rows · ";
        await Expect(page.Locator(".timeline li")).ToHaveCountAsync(memory.GetProperty("events").GetArrayLength());
        await Expect(page.Locator(".timeline .eviction").First).ToContainTextAsync(rows);

        await open.AskAsync("What was the password of Zanzibar?");
        memory = await MemoryAsync(server);
        await RequireMemoryAsync(page, memory);
        int recalled = memory.GetProperty("events").EnumerateArray().Last().GetProperty("tokens").GetInt32();
        await Expect(page.Locator(".timeline li").First).ToHaveClassAsync("recall"); // the latest comes first
        await Expect(page.Locator(".timeline .recall")).ToContainTextAsync($", {recalled} tokens");
        string[] passages = [.. TextsOf(memory, "passages").Select(static text => text.Trim())];
        Assert.Contains(Fact, passages[0], StringComparison.Ordinal);
        await Expect(page.Locator(".passages mark")).ToHaveTextAsync(passages);
        await page.Locator(".passages button").First.ClickAsync();
        await Expect(page.Locator(".tokens .begins").First).ToBeInViewportAsync();
    }

    [ChromiumFact]
    public async Task Page_LoadedAnew_HasTheConversationUntilAnotherBegins()
    {
        await using RunningServer server = await StartAsync();
        await using OpenPage open = await browser.OpenAsync(server);
        await open.AskAsync("Hello");
        string answer = await open.LastText.InnerTextAsync();
        await open.Page.ReloadAsync();
        await Expect(open.Messages).ToHaveCountAsync(2);
        await Expect(open.LastText).ToHaveTextAsync(answer);
        await RequireMemoryAsync(open.Page, await MemoryAsync(server));

        await open.Button("New chat").ClickAsync();
        await Expect(open.Messages).ToHaveCountAsync(0);
        await Expect(open.Page.Locator("#welcome")).ToBeVisibleAsync();
        await Expect(open.Page.Locator(".tokens span")).ToHaveCountAsync(0);
        await Expect(open.Page.Locator(".shares li")).ToHaveCountAsync(1); // the first one still has its share
        await Expect(open.Page.Locator(".shares .own")).ToHaveCountAsync(0);
    }

    private static Task<RunningServer> StartAsync() => RunningServer.StartAsync(
        static options => options.LoadTimeout = TimeSpan.FromMinutes(2),
        static services => services.AddKvNormChat(static options =>
        {
            options.KvCacheBudget = KvCacheBudget.FromCells(2 * Cells);
            options.Slots = 2;
            options.Policy = EvictionPolicy.Named("recency"); // the default would hold the fact
            options.Threads = 1;
            options.MaxOutputTokens = 16;
            options.Sampling = new SamplingOptions { Temperature = 0 };
        }));

    private static async Task<JsonElement> MemoryAsync(RunningServer server)
    {
        JsonElement cache = await server.GetAsync("/api/conversations");
        JsonElement conversation = Assert.Single(cache.GetProperty("conversations").EnumerateArray());
        return await server.GetAsync($"/api/conversations/{conversation.GetProperty("id").GetString()}/memory");
    }

    private static async Task RequireMemoryAsync(IPage page, JsonElement memory)
    {
        JsonElement[] tokens = [.. memory.GetProperty("tokens").EnumerateArray()];
        await Expect(page.Locator(".tokens span")).ToHaveClassAsync(ClassesOf(tokens));
        await Expect(page.Locator(".tokens")).ToHaveTextAsync(string.Concat(TextsOf(memory, "tokens")));

        int cells = memory.GetProperty("cells").GetInt32();
        ILocator meter = page.GetByRole(AriaRole.Meter, new PageGetByRoleOptions { Name = "Cells in use" });
        await Expect(meter).ToHaveAttributeAsync("aria-valuenow", $"{cells}");
        await Expect(meter).ToHaveAttributeAsync("aria-valuemax", $"{Cells}");
        await Expect(page.Locator(".cells")).ToContainTextAsync($"{cells} of {Cells} cells, ");
        await Expect(page.Locator(".shares .own .note")).ToHaveTextAsync($"{cells} cells, {Math.Round(cells * 100.0 / (2 * Cells))} %");

        await Expect(Figure(page, "tokens said")).ToHaveTextAsync($"{tokens.Length}");
        await Expect(Figure(page, "tokens gone")).ToHaveTextAsync($"{memory.GetProperty("evicted").GetInt32()}");
        await Expect(Figure(page, "recalled")).ToHaveTextAsync($"{memory.GetProperty("recalled").GetInt32()}");
        await Expect(Figure(page, "tokens/s")).ToHaveTextAsync($"{memory.GetProperty("tokensPerSecond").GetDouble():G3}");
    }

    private static ILocator Figure(IPage page, string name) => page.Locator($".figures div:has(dt:text-is('{name}')) dd");

    private static IEnumerable<string> TextsOf(JsonElement memory, string list) =>
        memory.GetProperty(list).EnumerateArray().Select(static one => one.GetProperty("text").GetString()!);

    private static string[] ClassesOf(JsonElement[] tokens) => [.. tokens.Select((token, index) =>
        !token.GetProperty("recalled").GetBoolean() ? $"held-{Shade(token.GetProperty("held").GetDouble())}"
        : index > 0 && tokens[index - 1].GetProperty("recalled").GetBoolean() ? "recalled"
        : "recalled begins")];

    // Nothing, the quarters, nearly all, all.
    private static int Shade(double held) => held switch { 0 => 0, <= 0.25 => 1, <= 0.5 => 2, <= 0.75 => 3, <= 0.999 => 4, _ => 5 };
}
