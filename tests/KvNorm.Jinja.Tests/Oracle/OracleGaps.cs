namespace KvNorm.Jinja.Tests.Oracle;

/// <summary>What @huggingface/jinja 0.5.11 cannot run of templates that Python's Jinja and ours run.</summary>
internal static class OracleGaps
{
    /// <summary>Errors of the oracle alone: in Python what is undefined is in no list, and is itself an empty one.</summary>
    public static IReadOnlySet<string> Errors { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "Cannot perform operation in on undefined values",
        "Cannot perform operation not in on undefined values",
        "Expected iterable or object type in for loop: got UndefinedValue",
        "Cannot apply filter \"length\" to type: UndefinedValue",
    };

    /// <summary>By template.</summary>
    public static IReadOnlySet<(string Template, string Error)> Known { get; } = new HashSet<(string, string)>
    {
        ("Apriel-1.6-15b-Thinker-fixed", "Unknown ObjectValue filter: string"),
        ("ByteDance-Seed-OSS", "Object keys must be strings: got IntegerValue"),
        ("CohereForAI-c4ai-command-r-plus-tool_use", "Expected iterable or object type in for loop: got UndefinedValue"),
        ("GigaChat3-10B-A1.8B", "Cannot call something that is not a function: got ObjectValue"),
        ("GigaChat3.1-10B-A1.8B", "Cannot call something that is not a function: got ObjectValue"),
        ("Kimi-K2-Instruct", "Cannot call something that is not a function: got UndefinedValue"),
        ("Kimi-K2-Thinking", "Cannot call something that is not a function: got UndefinedValue"),
        ("NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use", "Cannot access property with non-string: got UndefinedValue"),
        ("NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use", "Expected iterable or object type in for loop: got UndefinedValue"),
        ("NousResearch-Hermes-3-Llama-3.1-8B-tool_use", "Cannot access property with non-string: got UndefinedValue"),
        ("NousResearch-Hermes-3-Llama-3.1-8B-tool_use", "Expected iterable or object type in for loop: got UndefinedValue"),
        ("meetkai-functionary-medium-v3.1", "Cannot apply filter \"selectattr\" to type: NullValue"),
        ("meetkai-functionary-medium-v3.2", "Cannot unpack non-iterable type: TupleValue"),
        ("openbmb-MiniCPM5-1B", "Unknown ArrayValue filter: min"),
        ("tencent-Hy3", "Cannot call something that is not a function: got UndefinedValue"),
        ("unsloth-Apriel-1.5", "Cannot apply filter \"length\" to type: UndefinedValue"),
        ("unsloth-Apriel-1.5", "Unknown ObjectValue filter: string"),
    };

    /// <summary>Whether the oracle runs a template as Python does; where characters to strip are named, it strips whitespace.</summary>
    public static bool IsFaithful(string name, string source) =>
        !Known.Any(gap => gap.Template == name)
        && !source.Contains("strip('", StringComparison.Ordinal) && !source.Contains("strip(\"", StringComparison.Ordinal);

    /// <summary>
    /// Whether a list of parts was added to a text: the oracle writes it as JavaScript does, without brackets; Python refuses it, and so
    /// do we.
    /// </summary>
    public static bool RefusesParts(string conversation, JinjaException error) =>
        conversation == "parts" && error.Message.EndsWith("the operator '+' does not take text and a list", StringComparison.Ordinal);

    /// <summary>Whether an attribute of what is undefined was asked for, which the oracle allows and Python does not.</summary>
    public static bool IsOfTheUndefined(JinjaException error) =>
        error.Message.Contains("is undefined, so it has no", StringComparison.Ordinal);
}
