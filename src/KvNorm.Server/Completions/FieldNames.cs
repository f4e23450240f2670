namespace KvNorm.Server.Completions;

/// <summary>What a request calls its fields, so that a wrong one is told by the name that its sender used.</summary>
/// <param name="MaximumTokens">The longest answer.</param>
/// <param name="Effort">How much to reason.</param>
/// <param name="Format">What the answer must be.</param>
/// <param name="Schema">The schema that it must satisfy.</param>
/// <param name="Function">Where a tool has its function, with the dot; empty for in itself.</param>
internal sealed record FieldNames(string MaximumTokens, string Effort, string Format, string Schema, string Function)
{
    /// <summary>Gets the names of chat completions.</summary>
    public static FieldNames Completions { get; } =
        new("max_completion_tokens", "reasoning_effort", "response_format", "response_format.json_schema.schema", "function.");

    /// <summary>Gets the names of responses.</summary>
    public static FieldNames Responses { get; } = new("max_output_tokens", "reasoning.effort", "text.format", "text.format.schema", "");
}
