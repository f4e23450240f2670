using KvNorm.Server.Pages;
using Microsoft.AspNetCore.Http;

namespace KvNorm.Server.Tests.Pages;

public sealed class PageFileTests
{
    private static readonly PageFile File = Assert.Single(PageFile.Of(typeof(PageFileTests).Assembly));

    [Fact]
    public void Of_AssemblyWithPage_ServesItAtTheRoot() => Assert.Equal(("/", "text/html; charset=utf-8"), (File.Path, File.ContentType));

    [Fact]
    public async Task PageEndpoint_File_HasAPolicyAndATag()
    {
        DefaultHttpContext context = new();
        context.Response.Body = new MemoryStream();
        await PageEndpoint.Of(File)(context);
        Assert.Equal(File.Content.Length, context.Response.Body.Length);
        string policy = context.Response.Headers.ContentSecurityPolicy.ToString();
        Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);

        DefaultHttpContext again = new();
        again.Request.Headers.IfNoneMatch = context.Response.Headers.ETag;
        await PageEndpoint.Of(File)(again);
        Assert.Equal(StatusCodes.Status304NotModified, again.Response.StatusCode);
    }
}
