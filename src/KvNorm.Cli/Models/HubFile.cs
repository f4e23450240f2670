namespace KvNorm.Cli.Models;

/// <summary>A file of a repository.</summary>
/// <param name="Path">Its path there.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Sha256">Its hash in lower-case hexadecimal digits, as the server names it.</param>
internal sealed record HubFile(string Path, long Size, string Sha256)
{
    public override string ToString() => $"{Path} ({FileSize.Describe(Size)})";
}
