using System.Text;
using System.Text.RegularExpressions;
using KvNorm.Server.Pages;
using Microsoft.AspNetCore.Http;

namespace KvNorm.Server.Tests.Pages;

public sealed partial class PageFileTests
{
    private static readonly PageFile[] Files = [.. PageFile.Of(typeof(PageFile).Assembly)];
    private static readonly PageFile Root = Files.Single(static file => file.Path == "/");

    [Fact]
    public void Of_Assembly_HasEveryFileThatItsFilesAskFor()
    {
        Assert.Equal("text/html; charset=utf-8", Root.ContentType);
        string[] asked = [.. Files.Where(static file => file.ContentType.StartsWith("text/", StringComparison.Ordinal))
            .SelectMany(static file => Reference().Matches(Encoding.UTF8.GetString(file.Content)))
            .Select(static match => "/" + match.Groups["file"].Value).Distinct(StringComparer.Ordinal)];
        Assert.Contains("/page.mjs", asked, StringComparer.Ordinal);
        IEnumerable<string> served = Files.Except([Root]).Select(static file => file.Path);
        Assert.Equal(asked.Order(StringComparer.Ordinal), served.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task PageEndpoint_File_HasAPolicyAndATag()
    {
        DefaultHttpContext context = new();
        context.Response.Body = new MemoryStream();
        await PageEndpoint.Of(Root)(context);
        Assert.Equal(Root.Content.Length, context.Response.Body.Length);
        string policy = context.Response.Headers.ContentSecurityPolicy.ToString();
        Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);

        DefaultHttpContext again = new();
        again.Request.Headers.IfNoneMatch = context.Response.Headers.ETag;
        await PageEndpoint.Of(Root)(again);
        Assert.Equal(StatusCodes.Status304NotModified, again.Response.StatusCode);
    }

    // The page's links, and its modules' imports.
    [GeneratedRegex("""(?:href=|src=|from )"(?:\./)?(?<file>[a-z-]+\.[a-z]+)";?""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Reference();
}
