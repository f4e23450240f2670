using System.Globalization;

namespace KvNorm.Grammars;

/// <summary>
/// The rules of JSON itself. Everything a model could write for ever is bounded: white space, digits, and values within values.
/// </summary>
internal static class JsonRules
{
    /// <summary>Values within a value of any kind. With a schema's own depth it stays under the 64 that readers of JSON allow.</summary>
    public const int Deepest = 24;

    /// <summary>Optional white space: a blank, or a new line with its indent.</summary>
    public static string Space(GrammarBuilder builder) => builder.Shared("ws", static () => "(\" \" | \"\\n\" [ \\t]{0,20})?");

    /// <summary>A character of a string. Escaped halves of surrogate pairs come in pairs: readers refuse others.</summary>
    public static string Character(GrammarBuilder builder)
    {
        string hex = builder.Shared("hex", static () => "[0-9a-fA-F]");
        string unicode = builder.Shared("unicode", () =>
            $"[0-9a-cA-Ce-fE-F] {hex} {hex} {hex} "
            + $"| [dD] ([0-7] {hex} {hex} | [89abAB] {hex} {hex} \"\\\\u\" [dD] [c-fC-F] {hex} {hex})");
        return builder.Shared("char", () => $"{CharSet.Plain.ToClass()} | \"\\\\\" ([\\\"\\\\/bfnrt] | \"u\" {unicode})");
    }

    public static string String(GrammarBuilder builder)
    {
        string character = Character(builder);
        return builder.Shared("string", () => $"\"\\\"\" {character}* \"\\\"\"");
    }

    public static string Number(GrammarBuilder builder) => builder.Shared(
        "number", static () => $"\"-\"? {NumberRules.AnyInteger} (\".\" {NumberRules.AnyFraction})? ([eE] [-+]? [0-9]{{1,2}})?");

    public static string Integer(GrammarBuilder builder) => builder.Shared("integer", static () => $"\"-\"? {NumberRules.AnyInteger}");

    public static string Boolean(GrammarBuilder builder) => builder.Shared("boolean", static () => "\"true\" | \"false\"");

    public static string Null(GrammarBuilder builder) => builder.Shared("null", static () => "\"null\"");

    public static string Value(GrammarBuilder builder) => Value(builder, Deepest);

    public static string Object(GrammarBuilder builder) => Object(builder, Deepest);

    private static string Value(GrammarBuilder builder, int depth)
    {
        string scalar = builder.Shared("scalar", () => $"{String(builder)} | {Number(builder)} | {Boolean(builder)} | {Null(builder)}");
        return depth == 0
            ? scalar
            : builder.Shared(Name("value", depth), () => $"{Object(builder, depth)} | {Array(builder, depth)} | {scalar}");
    }

    private static string Object(GrammarBuilder builder, int depth)
    {
        string space = Space(builder),
            member = builder.Shared(Name("member", depth), () => $"{String(builder)} \":\" {space} {Value(builder, depth - 1)}");
        return builder.Shared(Name("object", depth), () => $"\"{{\" {space} ({member} (\",\" {space} {member})* {space})? \"}}\"");
    }

    private static string Array(GrammarBuilder builder, int depth)
    {
        string space = Space(builder), item = Value(builder, depth - 1);
        return builder.Shared(Name("array", depth), () => $"\"[\" {space} ({item} (\",\" {space} {item})* {space})? \"]\"");
    }

    private static string Name(string kind, int depth) =>
        depth == Deepest ? kind : string.Create(CultureInfo.InvariantCulture, $"{kind}-{depth}");
}
