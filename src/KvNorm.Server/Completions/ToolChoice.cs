using System.Text.Json.Serialization;

namespace KvNorm.Server.Completions;

/// <summary>Whether the model is to call: a word, or the one function that it must call.</summary>
/// <param name="Mode">The word, or the type of what must be called.</param>
/// <param name="Function">The name of the function; null for a word.</param>
[JsonConverter(typeof(ToolChoiceConverter))]
internal sealed record ToolChoice(string? Mode, string? Function);

/// <summary>One function, named beside its type as responses do, or inside of it as chat completions do.</summary>
internal sealed record NamedChoice(string? Type, string? Name, NamedFunction? Function);

/// <summary>The function's name.</summary>
internal sealed record NamedFunction(string? Name);
