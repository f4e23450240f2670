using System.Reflection;
using System.Security.Cryptography;

namespace KvNorm.Server.Pages;

/// <summary>A file of the page, which is a resource of an assembly under "wwwroot/".</summary>
/// <param name="Path">Where it is served, such as "/chat.mjs"; "/" for the page itself.</param>
/// <param name="ContentType">What it is.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Tag">By which a browser knows whether it has changed.</param>
internal sealed record PageFile(string Path, string ContentType, byte[] Content, string Tag)
{
    private const string Folder = "wwwroot/";

    private static readonly Dictionary<string, string> ContentTypes = new(StringComparer.Ordinal)
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".mjs"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".json"] = "application/json",
        [".woff2"] = "font/woff2",
    };

    /// <summary>The files of an assembly.</summary>
    public static IEnumerable<PageFile> Of(Assembly assembly) => assembly.GetManifestResourceNames()
        .Where(static name => name.StartsWith(Folder, StringComparison.Ordinal))
        .Select(name => Read(assembly, name));

    private static PageFile Read(Assembly assembly, string name)
    {
        using Stream resource = assembly.GetManifestResourceStream(name)!;
        byte[] content = new byte[resource.Length];
        resource.ReadExactly(content);
        string path = '/' + name[Folder.Length..].Replace('\\', '/');
        return new PageFile(
            path == "/index.html" ? "/" : path,
            ContentTypes[System.IO.Path.GetExtension(name)],
            content,
            $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\"");
    }
}
