using System.Text.Json;

namespace KvNorm.Chat.Dialects;

/// <summary>Writes arguments as names and values in brackets.</summary>
internal static class PairText
{
    /// <summary>What stands between the brackets.</summary>
    public static string Write(PairSyntax syntax, JsonElement arguments) =>
        string.Join(syntax.Separator, arguments.EnumerateObject().Select(pair => Pair(syntax, pair, syntax.Middle)));

    private static string Pair(PairSyntax syntax, JsonProperty pair, string middle) => Key(pair.Name) + middle + Value(syntax, pair.Value);

    /// <summary>A name: as it is where it is a plain word, otherwise in quotes.</summary>
    public static string Key(string name) => name.Length > 0 && name.All(IsPlain) ? name : ToolCallText.Quote(name);

    private static bool IsPlain(char letter) => char.IsLetterOrDigit(letter) || letter is '_' or '-';

    private static string Value(PairSyntax syntax, JsonElement value)
    {
        if (syntax.TextQuote.Length == 0)
            return ToolCallText.Json(value);
        return value.ValueKind switch
        {
            JsonValueKind.String => Text(syntax.TextQuote, value),
            JsonValueKind.Object =>
                "{" + string.Join(',', value.EnumerateObject().Select(pair => Pair(syntax, pair, ":"))) + "}",
            JsonValueKind.Array => "[" + string.Join(',', value.EnumerateArray().Select(item => Value(syntax, item))) + "]",
            _ => ToolCallText.Json(value),
        };
    }

    private static string Text(string quote, JsonElement value)
    {
        string text = value.GetString()!;
        return text.Contains(quote, StringComparison.Ordinal) ? ToolCallText.Json(value) : quote + text + quote;
    }
}
