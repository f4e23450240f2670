using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace KvNorm.Cli.Tests.Models;

/// <summary>A host on this machine that answers as huggingface.co does, with one repository, and in the ways that hosts fail.</summary>
internal sealed class HubServer : IAsyncDisposable
{
    private readonly WebApplication _host;

    private HubServer(WebApplication host) => _host = host;

    /// <summary>Gets the path of every file of the repository.</summary>
    public List<string> Paths { get; } = ["model.gguf", "README.md"];

    public byte[] Content { get; } = RandomNumberGenerator.GetBytes(1_000_000);

    public string? NamedHash { get; set; }

    public long? NamedSize { get; set; }

    public bool IgnoresRange { get; set; }

    /// <summary>Gets or sets how many bytes are sent before the connection is cut.</summary>
    public int? CutAfter { get; set; }

    /// <summary>Gets or sets where it sends those who want the file.</summary>
    public string? RedirectTo { get; set; }

    /// <summary>Gets what was asked: path, range and authorization.</summary>
    public List<(string Path, string Range, string Authorization)> Requests { get; } = [];

    public string Address => _host.Urls.Single();

    public static async Task<HubServer> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        WebApplication host = builder.Build();
        HubServer server = new(host);
        host.Run(server.AnswerAsync);
        await host.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        string path = context.Request.Path.Value!;
        lock (Requests)
            Requests.Add((path, context.Request.Headers.Range.ToString(), context.Request.Headers.Authorization.ToString()));
        if (path == "/api/models/some/model/tree/main")
            return context.Response.WriteAsync(JsonSerializer.Serialize(Paths.Select(Entry)));
        if (!path.EndsWith("/model.gguf", StringComparison.Ordinal))
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        else if (RedirectTo is not null)
            context.Response.Redirect(RedirectTo);
        else
            return SendAsync(context);
        return Task.CompletedTask;
    }

    private object Entry(string path) => new
    {
        type = "file",
        path,
        size = NamedSize ?? Content.Length,
        lfs = new { oid = NamedHash ?? Convert.ToHexStringLower(SHA256.HashData(Content)) },
    };

    private async Task SendAsync(HttpContext context)
    {
        string range = context.Request.Headers.Range.ToString();
        int from = range.Length == 0 || IgnoresRange
            ? 0
            : int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
        if (from > 0)
        {
            context.Response.StatusCode = StatusCodes.Status206PartialContent;
            context.Response.Headers.ContentRange = $"bytes {from}-{Content.Length - 1}/{Content.Length}";
        }

        context.Response.ContentLength = Content.Length - from;
        int end = Math.Min(Content.Length, from + (CutAfter ?? Content.Length));
        await context.Response.Body.WriteAsync(Content.AsMemory(from..end));
        if (end == Content.Length)
            return;
        await context.Response.Body.FlushAsync();
        context.Abort();
    }
}
