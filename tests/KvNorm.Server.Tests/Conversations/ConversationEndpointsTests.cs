using System.Net;
using System.Text.Json;

namespace KvNorm.Server.Tests.Conversations;

/// <summary>What the server says of conversations and their memory, over the embedded model.</summary>
[Collection(EmbeddedServerTests.Name)]
public sealed class ConversationEndpointsTests(EmbeddedServer embedded)
{
    private RunningServer Server => embedded.Server;

    [Fact]
    public async Task ShowMemoryAsync_ConversationWithEvictions_TellsTokensAndEvents()
    {
        string prose = string.Join(' ', Enumerable.Range(0, 25).Select(static i => $"The house number {i} is painted in its own colour."));
        await AskAsync("memory", prose);
        JsonElement list = await Server.GetAsync("/api/conversations");
        JsonElement one = Assert.Single(
            list.GetProperty("conversations").EnumerateArray(), static one => one.GetProperty("id").GetString() == "memory");
        Assert.Equal(512, list.GetProperty("capacity").GetInt32());
        long bytesPerCell = list.GetProperty("bytesPerCell").GetInt64();
        Assert.Equal(one.GetProperty("cells").GetInt64() * bytesPerCell, one.GetProperty("bytes").GetInt64());

        JsonElement memory = await Server.GetAsync("/api/conversations/memory/memory");
        JsonElement[] tokens = [.. memory.GetProperty("tokens").EnumerateArray()];
        Assert.Equal(memory.GetProperty("logicalTokens").GetInt32(), tokens.Length);
        Assert.Equal(256, memory.GetProperty("capacity").GetInt32());
        string text = string.Concat(tokens.Select(static token => token.GetProperty("text").GetString()));
        Assert.Contains("house number", text, StringComparison.Ordinal);
        Assert.Contains(tokens, static token => token.GetProperty("held").GetDouble() < 1);
        Assert.InRange(memory.GetProperty("held").GetDouble(), 0.01, 0.99);
        JsonElement eviction = memory.GetProperty("events")[0];
        Assert.Equal("eviction", eviction.GetProperty("kind").GetString());
        Assert.True(eviction.GetProperty("rows").GetInt64() > 0);
    }

    [Fact]
    public async Task RemoveAsync_Conversation_IsForgotten()
    {
        await AskAsync("gone", "hello");
        using HttpResponseMessage removed = await Server.Http.DeleteAsync(new Uri("/api/conversations/gone", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using HttpResponseMessage memory = await Server.Http.GetAsync(new Uri("/api/conversations/gone/memory", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, memory.StatusCode);
        JsonElement error = (await RunningServer.ReadAsync(memory)).GetProperty("error");
        Assert.Equal("conversation_not_found", error.GetProperty("code").GetString());
    }

    private Task<JsonElement> AskAsync(string conversation, string text) => Server.CompleteAsync(
        $$"""{"user":"{{conversation}}","max_tokens":8,"temperature":0,"messages":[{"role":"user","content":"{{text}}"}]}""");
}
