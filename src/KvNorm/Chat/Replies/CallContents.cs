using System.Text.Json;
using KvNorm.Chat.Dialects;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Replies;

/// <summary>
/// Makes the contents of calls from what a model wrote. A broken call is for information only: what invokes functions would otherwise run
/// it without the arguments that could not be read.
/// </summary>
internal sealed class CallContents(ToolCallFormat format)
{
    private static readonly string[] NameKeys = ["name", "function"];
    private static readonly string[] ArgumentsKeys = ["arguments", "parameters"];

    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    /// <summary>A call from JSON with a name and arguments; null when it names no tool.</summary>
    public FunctionCallContent? FromObject(string json)
    {
        try
        {
            return FromElement(JsonElement.Parse(json));
        }
        // The latter two: halves of surrogate pairs.
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return PartialCall.Name(json, [format.NameKey, .. NameKeys]) is { } name ? FromArguments(name, json, null) : null;
        }
    }

    /// <summary>
    /// A call of which the name and the text of the arguments are known. Arguments that are no JSON object are the exception of the
    /// content.
    /// </summary>
    public FunctionCallContent FromArguments(string name, string arguments, string? id)
    {
        FunctionCallContent call = FunctionCallContent.CreateFromParsedArguments(arguments, Id(id), name, Parse);
        call.InformationalOnly = call.Exception is not null;
        return call;
    }

    /// <summary>A call that the answer broke off.</summary>
    public FunctionCallContent Unfinished(string name) => new(Id(null), name)
    {
        Exception = new InvalidOperationException(
            $"The answer ended inside the call of '{name}', so its arguments are not complete. "
            + "A larger ChatOptions.MaxOutputTokens leaves more room."),
        InformationalOnly = true,
    };

    private FunctionCallContent? FromElement(JsonElement call)
    {
        if (Property(call, "function") is { ValueKind: JsonValueKind.Object } inner)
            call = inner;
        string? called = Text(call, [format.NameKey, .. NameKeys]);
        string? id = format.IdKey is { } key ? Text(call, [key]) : null;
        return string.IsNullOrWhiteSpace(called) ? null : FromArguments(called, ArgumentsOf(call), id);
    }

    private static Dictionary<string, object?>? Parse(string json)
    {
        JsonElement arguments = ToolCallText.Parse(json);
        if (arguments.ValueKind == JsonValueKind.String) // JSON inside of JSON, as some models write it
            arguments = ToolCallText.Parse(arguments.GetString()!);
        if (arguments.ValueKind == JsonValueKind.Null)
            return [];
        if (arguments.ValueKind != JsonValueKind.Object)
            throw new JsonException($"The arguments are {arguments.ValueKind}, not an object.");
        Dictionary<string, object?> values = new(StringComparer.Ordinal);
        foreach (JsonProperty argument in arguments.EnumerateObject())
            values[argument.Name] = argument.Value;
        return values;
    }

    private string ArgumentsOf(JsonElement call)
    {
        foreach (string key in new[] { format.ArgumentsKey }.Concat(ArgumentsKeys))
        {
            if (call.TryGetProperty(key, out JsonElement arguments))
                return arguments.GetRawText();
        }

        return "{}";
    }

    private static JsonElement? Property(JsonElement call, string key) =>
        call.ValueKind == JsonValueKind.Object && call.TryGetProperty(key, out JsonElement value) ? value : null;

    private static string? Text(JsonElement call, IEnumerable<string> keys)
    {
        foreach (string key in keys)
        {
            if (Property(call, key) is { ValueKind: JsonValueKind.String } value)
                return value.GetString();
        }

        return null;
    }

    // The id of a call must not be that of another: callers pair the results by it.
    private string Id(string? id)
    {
        string unique = string.IsNullOrWhiteSpace(id) || !_ids.Add(id) ? $"call_{Guid.NewGuid():N}"[..29] : id;
        _ids.Add(unique);
        return unique;
    }
}
