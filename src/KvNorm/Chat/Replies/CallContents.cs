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
    private readonly string[] _nameKeys = format.NameKey.Length == 0 ? [] : [format.NameKey, .. NameKeys];
    private readonly string[] _argumentsKeys = [format.ArgumentsKey, .. ArgumentsKeys];

    /// <summary>The tool that a broken or incomplete object names; null when it does not come to that.</summary>
    public string? Name(string json) => _nameKeys.Length == 0 ? PartialCall.FirstKey(json) : PartialCall.Name(json, _nameKeys);

    /// <summary>Whether the object of a call may begin with a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="names">The names of tools, for formats in which they are keys.</param>
    public bool IsKey(string key, HashSet<string> names) => _nameKeys.Length == 0
        ? names.Contains(key)
        : _nameKeys.Contains(key, StringComparer.Ordinal) || _argumentsKeys.Contains(key, StringComparer.Ordinal)
            || key is "type" or "id" or "tool_call_id";

    /// <summary>
    /// Calls from JSON that has no marks, an object or a list of them; empty when one names no offered tool, or says nothing of arguments.
    /// </summary>
    public IReadOnlyList<FunctionCallContent> FromBare(string json, HashSet<string> offered)
    {
        try
        {
            JsonElement whole = JsonElement.Parse(json);
            JsonElement[] calls = whole.ValueKind == JsonValueKind.Array ? [.. whole.EnumerateArray()] : [whole];
            return Array.TrueForAll(calls, call => IsCall(call, offered)) ? [.. calls.Select(call => FromObject(call.GetRawText())!)] : [];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return Name(json) is { } name && offered.Contains(name) ? [FromArguments(name, json, null)] : [];
        }
    }

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
            return Name(json) is { } name ? FromArguments(name, json, null) : null;
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
        call = Inner(call);
        string? called = Called(call);
        string? id = format.IdKey is { } key ? Text(call, [key]) : null;
        return string.IsNullOrWhiteSpace(called) ? null : FromArguments(called, ArgumentsOf(call)?.GetRawText() ?? "{}", id);
    }

    private bool IsCall(JsonElement call, HashSet<string> offered) =>
        Called(Inner(call)) is { } name && offered.Contains(name) && ArgumentsOf(Inner(call)) is not null;

    private static JsonElement Inner(JsonElement call) =>
        Property(call, "function") is { ValueKind: JsonValueKind.Object } inner ? inner : call;

    private string? Called(JsonElement call)
    {
        if (_nameKeys.Length > 0)
            return Text(call, _nameKeys);
        return call.ValueKind == JsonValueKind.Object && call.EnumerateObject().ToArray() is [{ } only] ? only.Name : null;
    }

    private JsonElement? ArgumentsOf(JsonElement call) =>
        (_nameKeys.Length == 0 ? [Called(call) ?? ""] : _argumentsKeys)
            .Select(key => Property(call, key)).FirstOrDefault(static found => found is not null);

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
