namespace KvNorm.Runtime;

/// <summary>What can be said of a model file before llama.cpp opens it.</summary>
internal static class GgufFile
{
    /// <summary>Throws with a plain sentence when the path cannot be a GGUF file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is a folder, empty, or of another kind.</exception>
    public static void RequireLooksValid(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (Directory.Exists(path))
            throw new InvalidDataException($"'{path}' is a folder; name the .gguf file in it.");
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no model file '{path}'.", path);
        using FileStream file = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[4];
        int read = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        if (read == 0)
            throw new InvalidDataException($"The model file '{path}' is empty: download it again.");
        if (!magic[..read].SequenceEqual("GGUF"u8))
            throw new InvalidDataException($"'{path}' is not a GGUF file: it does not begin with 'GGUF'.");
    }
}
