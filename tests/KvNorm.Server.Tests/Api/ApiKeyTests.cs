using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Tests.Api;

public sealed class ApiKeyTests
{
    private const string Key = "correct horse";

    [Theory]
    [InlineData("/v1/models", null, HttpStatusCode.Unauthorized)]
    [InlineData("/v1/models", "correct hors", HttpStatusCode.Unauthorized)]
    [InlineData("/v1/models", "correct horse!", HttpStatusCode.Unauthorized)]
    [InlineData("/v1/models", Key, HttpStatusCode.OK)]
    [InlineData("/v1/unknown", null, HttpStatusCode.Unauthorized)]
    [InlineData("/api/conversations", null, HttpStatusCode.Unauthorized)]
    [InlineData("/health", null, HttpStatusCode.OK)]
    [InlineData("/health/live", null, HttpStatusCode.OK)]
    [InlineData("/health/ready", null, HttpStatusCode.OK)]
    public async Task Require_Request_IsLetThroughWithTheKeyOnly(string path, string? key, HttpStatusCode status)
    {
        await using RunningServer server = await RunningServer.StartAsync(
            FakeChatClient.Saying(new TextContent("hi")), static options => options.ApiKey = Key);
        (await server.Http.GetAsync(new Uri("/health/ready", UriKind.Relative))).Dispose();
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using HttpResponseMessage response = await server.Http.SendAsync(request);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(status == HttpStatusCode.Unauthorized, response.Headers.WwwAuthenticate.Count > 0);
        Assert.DoesNotContain(server.Log.Lines, static line => line.Contains("correct", StringComparison.Ordinal));
    }
}
