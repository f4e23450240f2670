using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace KvNorm.Cli.Models;

/// <summary>
/// Brings a file from the hub to its place. Until it is whole and its hash is that of the server it is called FILE.part, with which the
/// next try goes on.
/// </summary>
/// <param name="hub">Where it comes from.</param>
/// <param name="repository">Its repository.</param>
/// <param name="file">The file there.</param>
/// <param name="path">Its place here.</param>
internal sealed class ModelDownload(HuggingFaceHub hub, HubReference repository, HubFile file, string path)
{
    private const int BufferBytes = 1 << 18;

    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(60);

    /// <summary>Gets the unfinished file.</summary>
    public string PartPath => $"{path}.part";

    /// <summary>Gets the bytes that are still to come.</summary>
    public long Missing => file.Size - (File.Exists(PartPath) && new FileInfo(PartPath).Length is var held && held <= file.Size ? held : 0);

    /// <summary>Whether the file is in its place already.</summary>
    /// <exception cref="IOException">Another one is.</exception>
    public async Task<bool> IsDoneAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            return false;
        await using FileStream there = File.OpenRead(path);
        return there.Length == file.Size && Hex(await SHA256.HashDataAsync(there, cancellationToken)) == file.Sha256
            ? true
            : throw new IOException($"There is another file '{path}': remove it, or name another folder with --out.");
    }

    /// <summary>Fetches what is missing.</summary>
    /// <param name="report">Is told the bytes that are still to come.</param>
    /// <param name="cancellationToken">Ends it; what has come stays.</param>
    /// <exception cref="IOException">The server or the disk failed; what has come stays.</exception>
    /// <exception cref="InvalidDataException">It is not the file that the server named; nothing stays.</exception>
    public async Task RunAsync(Action<long> report, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        RequireSpace();
        string actual = await FillAsync(report, cancellationToken);
        if (actual != file.Sha256)
        {
            File.Delete(PartPath);
            throw new InvalidDataException(
                $"What {hub.Host} sent is not '{file.Path}' (SHA-256 {actual} instead of {file.Sha256}) and was removed: fetch it again.");
        }

        File.Move(PartPath, path);
    }

    private void RequireSpace()
    {
        string folder = Path.GetDirectoryName(path)!;
        long available = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder).AvailableFreeSpace;
        if (available < Missing)
            throw new IOException(
                $"There is no space in '{folder}': {FileSize.Describe(Missing)} are to come, {FileSize.Describe(available)} are free.");
    }

    private async Task<string> FillAsync(Action<long> report, CancellationToken cancellationToken)
    {
        await using FileStream part = new(PartPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        if (part.Length > file.Size)
            part.SetLength(0);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BufferBytes];
        for (int read; (read = await part.ReadAsync(buffer, cancellationToken)) > 0;)
            hash.AppendData(buffer, 0, read);
        if (part.Length < file.Size)
            await FetchAsync(part, hash, buffer, report, cancellationToken);
        return Hex(hash.GetHashAndReset());
    }

    private async Task FetchAsync(
        FileStream part, IncrementalHash hash, byte[] buffer, Action<long> report, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await hub.OpenAsync(repository, file, part.Length, cancellationToken);
        if (response.StatusCode != HttpStatusCode.PartialContent)
        {
            hash.GetHashAndReset(); // the server begins at the first byte
            part.SetLength(0);
        }
        else if (response.Content.Headers.ContentRange?.From != part.Length)
        {
            throw new IOException($"{hub.Host} sends another part of '{file.Path}' than the one that is missing.");
        }

        using CancellationTokenSource stalled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await using Stream body = await response.Content.ReadAsStreamAsync(stalled.Token);
            await CopyAsync(body, part, hash, buffer, report, stalled);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unfinished($"nothing came for {StallLimit.TotalSeconds:0} seconds", part.Length, e);
        }
        catch (IOException e) when (e is HttpIOException || e.InnerException is SocketException)
        {
            throw Unfinished("the connection broke", part.Length, e);
        }

        if (part.Length < file.Size)
            throw Unfinished("the connection ended", part.Length, null);
    }

    // No byte more than announced is written: the hash would not be right, and the disk might be full.
    private async Task CopyAsync(
        Stream body, FileStream part, IncrementalHash hash, byte[] buffer, Action<long> report, CancellationTokenSource stalled)
    {
        while (part.Length < file.Size)
        {
            stalled.CancelAfter(StallLimit);
            int read = await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, file.Size - part.Length)), stalled.Token);
            if (read == 0)
                return;
            hash.AppendData(buffer, 0, read);
            await part.WriteAsync(buffer.AsMemory(0, read), CancellationToken.None); // a part of a buffer would be a wrong file
            report(file.Size - part.Length);
        }
    }

    private IOException Unfinished(string why, long held, Exception? inner) => new(
        $"'{file.Path}' is not whole: {why} after {FileSize.Describe(held)} of {FileSize.Describe(file.Size)}. The same command goes on.",
        inner);

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);
}
