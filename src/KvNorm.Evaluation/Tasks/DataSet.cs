using System.Text.Json;

namespace KvNorm.Evaluation.Tasks;

/// <summary>A published data set's own files, which the user points at.</summary>
internal sealed class DataSet(string path)
{
    private readonly Dictionary<string, IReadOnlyList<JsonElement>> _records = new(StringComparer.Ordinal);

    /// <summary>Gets the name of the file or folder.</summary>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(path));

    /// <summary>The records of the data set's file, a JSON array.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public IReadOnlyList<JsonElement> Array() => Read(path, static file =>
    {
        if (Directory.Exists(file))
            throw new InvalidDataException($"'{file}' is a folder; name the data set's own file.");
        using FileStream stream = File.OpenRead(file);
        using JsonDocument document = JsonDocument.Parse(stream);
        return document.RootElement.ValueKind == JsonValueKind.Array
            ? [.. document.RootElement.EnumerateArray().Select(static record => record.Clone())]
            : throw new InvalidDataException($"'{file}' holds no array of records.");
    });

    /// <summary>The records of one of the folder's files, a JSON object on each line.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public IReadOnlyList<JsonElement> Lines(string fileName) => Read(
        Path.Combine(path, fileName), static file => [.. File.ReadLines(file).Where(static line => line.Length > 0).Select(Parse)]);

    private static JsonElement Parse(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }

    private IReadOnlyList<JsonElement> Read(string file, Func<string, IReadOnlyList<JsonElement>> parse)
    {
        if (_records.TryGetValue(file, out IReadOnlyList<JsonElement>? known))
            return known;
        try
        {
            return _records[file] = parse(file);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{file}' is not the data set's file: {e.Message}", e);
        }
    }
}
