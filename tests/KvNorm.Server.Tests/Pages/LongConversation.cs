using System.Text.Json;
using Microsoft.Playwright;

namespace KvNorm.Server.Tests.Pages;

/// <summary>A conversation that has gone on for long, as the page keeps it and as a server tells of it.</summary>
/// <param name="turns">Questions with their answers.</param>
/// <param name="tokens">The tokens of all.</param>
internal sealed class LongConversation(int turns, int tokens)
{
    private const string Id = "page-0123456789abcdef";

    /// <summary>Has a page find it.</summary>
    public async Task PrepareAsync(IPage page)
    {
        string saved = JsonSerializer.Serialize(new { id = Id, messages = Enumerable.Range(0, turns).SelectMany(TurnOf) });
        await page.AddInitScriptAsync($"sessionStorage.setItem('kvnorm.conversation', {JsonSerializer.Serialize(saved)})");
        await page.RouteAsync("**/api/conversations?*", static route => FulfillAsync(route, Cache()));
        await page.RouteAsync("**/memory?*", route => FulfillAsync(route, Memory(new Uri(route.Request.Url))));
    }

    private static object[] TurnOf(int turn) =>
    [
        new { role = "user", text = $"Question {turn}" },
        new { role = "assistant", text = $"Answer {turn}", reasoning = turn % 2 == 0 ? "hm" : "", end = turn % 3 == 0 ? "length" : "stop" },
    ];

    private static object Cache() => new
    {
        model = "m", capacity = 8192, bytesPerCell = 131_072, budgetBytes = 1L << 30, slots = 4,
        conversations = Enumerable.Range(0, 1000).Select(static index => new
        {
            id = index == 0 ? Id : index == 1 ? null : new string('x', 90) + index,
            isNamed = index > 2,
            slot = index < 4 ? (int?)index : null,
            isParked = index % 2 == 0,
            logicalTokens = 2000,
            cells = 1800,
        }),
    };

    private object Memory(Uri address)
    {
        Dictionary<string, int> query = address.Query[1..].Split('&').Select(static part => part.Split('='))
            .ToDictionary(static part => part[0], static part => int.Parse(part[1]), StringComparer.Ordinal);
        int count = Math.Min(tokens, query["count"]), from = query.GetValueOrDefault("from", tokens - count), recalled = tokens - 50;
        return new
        {
            id = Id, logicalTokens = tokens, cells = 1800, capacity = 2048,
            held = 0.03, recalled = 10, evicted = tokens / 2, tokensPerSecond = 41.2, from,
            tokens = Enumerable.Range(from, count).Select(token => new
            {
                text = $" {token}", held = token % 11 / 10.0, recalled = token >= recalled && token < recalled + 10,
            }),
            slices = Enumerable.Range(0, 100).Select(static slice => slice / 100.0),
            passages = new[] { new { from = recalled, text = " The password of Zanzibar is heliotrope." } },
            events = Enumerable.Range(0, 256).Select(static index => new
            {
                time = DateTimeOffset.UnixEpoch.AddMinutes(index), kind = index % 4 == 0 ? "recall" : "eviction", milliseconds = index,
                rows = 1000, passages = 1, tokens = 10,
            }),
        };
    }

    private static Task FulfillAsync(IRoute route, object value) =>
        route.FulfillAsync(new RouteFulfillOptions { ContentType = "application/json", Body = JsonSerializer.Serialize(value) });
}
