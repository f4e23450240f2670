using System.Net;
using System.Text;
using KvNorm.Tests.Gguf;

namespace KvNorm.Server.Tests;

/// <summary>Servers over tiny random models: they say nothing, but fast.</summary>
internal static class TinyServer
{
    /// <summary>A request whose answer does not end by itself: what the model says most likely to this repeats.</summary>
    public const string Endless = """{"stream":true,"temperature":0,"max_tokens":100000,"messages":[{"role":"user","content":"hello"}]}""";

    public static KvNormChatOptions Options(string? path = null, int slots = 1) => new()
    {
        ModelPath = path ?? TinyModel.Write(),
        KvCacheBudget = KvCacheBudget.FromCells(256 * slots),
        Slots = slots,
        Threads = 1,
    };

    /// <summary>Sends <see cref="Endless"/>; the answer has begun when this returns.</summary>
    public static async Task<HttpResponseMessage> BeginEndlessAsync(this RunningServer server)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = RunningServer.Json(Encoding.UTF8.GetBytes(Endless)),
        };
        HttpResponseMessage response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response;
    }

    public static Task<RunningServer> StartAsync(Action<KvNormServerOptions>? configure = null, int slots = 1) =>
        RunningServer.StartAsync(options =>
        {
            options.Models.Add(Options(TinyModel.Write(new TinyModelSettings { NeverEnds = true }), slots));
            configure?.Invoke(options);
        });
}
