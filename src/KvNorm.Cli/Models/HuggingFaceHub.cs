using System.Text;
using System.Text.Json;

namespace KvNorm.Cli.Models;

/// <summary>The repositories of models of huggingface.co, or of a host that answers as it does.</summary>
/// <param name="connection">The connection to it.</param>
internal sealed class HuggingFaceHub(HubConnection connection)
{
    private const string DefaultEndpoint = "https://huggingface.co";
    private const int MaximumPages = 64; // of a list of files, with 1,000 each
    private const int HashDigits = 64;

    /// <summary>Gets the host.</summary>
    public string Host => connection.Endpoint.Authority;

    /// <summary>The connection that the user's variables speak of: HF_ENDPOINT and HF_TOKEN.</summary>
    public static HubConnection Connect() => new(Variable("HF_ENDPOINT") ?? DefaultEndpoint, Variable("HF_TOKEN"));

    /// <summary>The model files of a repository, as far as their names are possible and the server names their hash.</summary>
    public async Task<IReadOnlyList<HubFile>> ListAsync(HubReference repository, CancellationToken cancellationToken)
    {
        List<HubFile> files = [];
        Uri? page = Address($"/api/models/{repository}/tree/main?recursive=1");
        for (int pages = 0; page is not null && pages < MaximumPages; pages++)
        {
            (byte[] text, page) = await connection.ReadAsync(page, cancellationToken);
            files.AddRange(Read(text));
        }

        return files;
    }

    /// <summary>Begins to read a file, from a byte on if the server does that.</summary>
    public Task<HttpResponseMessage> OpenAsync(HubReference repository, HubFile file, long from, CancellationToken cancellationToken) =>
        connection.OpenAsync(
            Address($"/{repository}/resolve/main/{string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))}"),
            from,
            cancellationToken);

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name)?.Trim() is { Length: > 0 } value ? value : null;

    private Uri Address(string path) => new(connection.Endpoint.AbsoluteUri.TrimEnd('/') + path);

    private IEnumerable<HubFile> Read(byte[] text)
    {
        try
        {
            return
            [
                .. Json.Read<List<Entry?>>(Encoding.UTF8.GetString(text)).OfType<Entry>()
                    .Where(static entry => entry is { Path: { } path, Size: > 0, Lfs.Oid: { Length: HashDigits } hash }
                        && HubReference.IsFile(path) && hash.All(char.IsAsciiHexDigit))
                    .Select(static entry => new HubFile(entry.Path!, entry.Size, entry.Lfs!.Oid!.ToLowerInvariant())),
            ];
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{Host} answers with something else than a list of files.", e);
        }
    }

    private sealed record Entry(string? Path, long Size, LargeFile? Lfs);

    private sealed record LargeFile(string? Oid);
}
