using System.Globalization;

namespace KvNorm.Runtime.Gguf;

/// <summary>
/// A model file, of which everything is checked before llama.cpp opens it: at what it does not expect there, the process may end.
/// </summary>
/// <param name="Path">The file, or one of several that a model was split into.</param>
/// <param name="Header">What it says.</param>
internal sealed record GgufFile(string Path, GgufHeader Header)
{
    private const int MaximumParts = 1024;

    /// <summary>Requires that a file is a model that llama.cpp can be given, also the other parts of one that was split.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is a folder, empty, of another kind, or says what cannot be.</exception>
    /// <returns>The file, and after it the other parts.</returns>
    public static IReadOnlyList<GgufFile> Read(string path)
    {
        GgufHeader first = ReadHeader(path);
        GgufRules.Require(first);
        GgufVocabulary.Require(first);
        GgufFile[] parts = [new(path, first), .. OtherParts(path, first).Select(static part => new GgufFile(part, ReadHeader(part)))];
        GgufTensor[] tensors = [.. parts.SelectMany(static part => part.Header.Tensors.Values)];
        GgufLayers.Require(first, tensors);
        GgufHeads.Require(first, tensors);
        return parts;
    }

    /// <summary>Reads the header of one file, of which nothing else is checked.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is a folder, empty, of another kind, or contradicts itself.</exception>
    public static GgufHeader ReadHeader(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (Directory.Exists(path))
            throw new InvalidDataException($"'{path}' is a folder; name the .gguf file in it.");
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no model file '{path}'.", path);
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
        Span<byte> magic = stackalloc byte[4];
        int read = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        if (read == 0)
            throw new InvalidDataException($"The model file '{path}' is empty: download it again.");
        if (!magic[..read].SequenceEqual("GGUF"u8))
            throw new InvalidDataException($"'{path}' is not a GGUF file: it does not begin with 'GGUF'.");
        return GgufHeader.Read(file, path);
    }

    // As llama.cpp names them: model-00001-of-00003.gguf.
    private static IEnumerable<string> OtherParts(string path, GgufHeader first)
    {
        double count = first.Metadata.TryGetValue("split.count", out GgufValue? value) && value.IsNumber ? value.Numbers[0] : 1;
        if (count is not (>= 0 and <= MaximumParts))
            throw first.Refuse($"split.count is {value}; 0 to {MaximumParts} parts are possible");
        string ending = string.Create(CultureInfo.InvariantCulture, $"-00001-of-{(int)count:00000}.gguf");
        if (count <= 1 || !path.EndsWith(ending, StringComparison.Ordinal))
            return []; // llama.cpp refuses a part that is named otherwise
        return Enumerable.Range(2, (int)count - 1).Select(part =>
            string.Create(CultureInfo.InvariantCulture, $"{path[..^ending.Length]}-{part:00000}-of-{(int)count:00000}.gguf"));
    }
}
