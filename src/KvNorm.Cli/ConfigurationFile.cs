using System.CommandLine;
using System.Text.Json;

namespace KvNorm.Cli;

/// <summary>The user's configuration: a JSON object whose names are those of options, without the dashes.</summary>
/// <param name="Path">The file.</param>
/// <param name="Values">The value of each option, by its name with the dashes.</param>
internal sealed record ConfigurationFile(string Path, IReadOnlyDictionary<string, string> Values)
{
    private const string Variable = "KVNORM_CONFIG";
    private const long MaximumBytes = 1 << 20;

    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Loads the file that KVNORM_CONFIG names, else the one in the user's folder, which need not be there.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is no such object.</exception>
    public static ConfigurationFile Load()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
            return Read(given);
        return UserFolders.Configuration is { } path && File.Exists(path)
            ? Read(path)
            : new ConfigurationFile("", new Dictionary<string, string>(StringComparer.Ordinal));
    }

    /// <summary>Reads a file.</summary>
    /// <inheritdoc cref="Load"/>
    public static ConfigurationFile Read(string path)
    {
        if (Directory.Exists(path))
            throw new InvalidDataException($"The configuration '{path}' is a folder; name a file.");
        using FileStream file = File.OpenRead(path);
        if (file.Length > MaximumBytes)
            throw new InvalidDataException($"The configuration '{path}' has more than {MaximumBytes >> 20} MiB.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(file, Lenient);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new InvalidDataException($"The configuration '{path}' is no JSON object.");
            Dictionary<string, string> values = new(StringComparer.Ordinal);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
                values[$"--{property.Name}"] = Text(path, property);
            return new ConfigurationFile(path, values);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The configuration '{path}' is no JSON: line {e.LineNumber + 1}.", e);
        }
    }

    /// <summary>Requires that all names are those of options.</summary>
    /// <exception cref="InvalidDataException">One is not.</exception>
    public void RequireKnown(IEnumerable<Option> options)
    {
        HashSet<string> known = [.. options.Select(static option => option.Name)];
        if (Values.Keys.FirstOrDefault(name => !known.Contains(name)) is not { } unknown)
            return;
        string near = NearestWord.Of(unknown, known) is { } word ? $" Is it '{word[2..]}'?" : "";
        throw new InvalidDataException($"The configuration '{Path}' sets '{unknown[2..]}', which is none of the options.{near}");
    }

    private static string Text(string path, JsonProperty property) => property.Value.ValueKind switch
    {
        JsonValueKind.String => property.Value.GetString()!,
        JsonValueKind.Number => property.Value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => throw new InvalidDataException(
            $"The configuration '{path}' sets '{property.Name}' to what is no text, number or truth value."),
    };
}
