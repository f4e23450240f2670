using KvNorm.Runtime.Gguf;

namespace KvNorm;

/// <summary>
/// What the header of a GGUF file says. The header alone is read, no backend is needed, and that a file can be read says nothing of
/// whether its model can be loaded.
/// </summary>
public sealed record KvNormModelFile
{
    private KvNormModelFile()
    {
    }

    /// <summary>Gets the length of the file in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>
    /// Gets the family of the model, such as "llama": a text of the file's author, which may have any characters; empty where the file does
    /// not say.
    /// </summary>
    public required string Architecture { get; init; }

    /// <summary>Gets how most weights are stored, such as "Q4_K_M"; null where the file does not say.</summary>
    public required string? FileType { get; init; }

    /// <summary>Gets how many tokens the model was trained for; null where the file does not say.</summary>
    public required int? TrainedLength { get; init; }

    /// <summary>Reads the header of a file; of a model that was split into several, that of this part.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is a folder, empty, no GGUF file, not whole, or contradicts itself.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The user may not read it.</exception>
    public static KvNormModelFile Read(string path)
    {
        GgufHeader header = GgufFile.ReadHeader(path);
        string architecture = header.Metadata.GetValueOrDefault("general.architecture")?.Text ?? "";
        return new KvNormModelFile
        {
            Bytes = header.FileLength,
            Architecture = architecture,
            FileType = GgufFileTypes.Of(header),
            TrainedLength = header.Number($"{architecture}.context_length") is >= 1 and <= int.MaxValue and var length ? (int)length : null,
        };
    }
}
