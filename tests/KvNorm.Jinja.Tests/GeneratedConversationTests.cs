using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace KvNorm.Tests.Jinja;

public sealed class GeneratedConversationTests
{
    private const int CasesPerTemplate = 8;

    // Not those the oracle cannot run, nor those that strip characters they name: the oracle then strips blanks.
    private static readonly string[] Templates =
        [.. Oracle.Templates.Where(template => !OracleGaps.Known.Any(gap => gap.Template == template.Key) && !template.Value.Contains("strip('", StringComparison.Ordinal) && !template.Value.Contains("strip(\"", StringComparison.Ordinal)).Select(template => template.Key)];

    private static readonly Gen<string> Content = Gen.Elements(
        "a", "Word", "Ü", "漢字", "😀", " ", "\n", "\t", "'", "\"", "\\", "<|im_end|>", "<|eot_id|>", "</think>", "<think>", "[INST]", "{{ x }}", "{% if %}", "</s>", "&", "<b>")
        .ListOf().Select(string.Concat);

    private static readonly Gen<string> Message =
        from role in Gen.Frequency((4, Gen.Constant("user")), (4, Gen.Constant("assistant")), (1, Gen.Constant("system")), (1, Gen.Constant("tool")))
        from content in Content
        select Conversations.Message(role, content);

    private static readonly Gen<string> Conversation =
        from messages in Message.NonEmptyListOf()
        from generate in Gen.Elements("true", "false")
        from thinking in Gen.Elements("", ",\"enable_thinking\":true", ",\"enable_thinking\":false")
        from description in Content
        from tools in Gen.Elements(false, true)
        let tool = $$$$"""{"type":"function","function":{"name":"f","description":{{{{System.Text.Json.JsonSerializer.Serialize(description)}}}},"parameters":{"type":"object","properties":{"a":{"type":"string","description":"d"}},"required":["a"]}}}"""
        select Conversations.Variables(messages, $$"""{"add_generation_prompt":{{generate}}{{thinking}}{{(tools ? $",\"tools\":[{tool}]" : "")}}}""");

    [Property(MaxTest = 3)]
    public Property Render_GeneratedConversations_GiveWhatTheOracleGives() => Prop.ForAll(Conversation.ListOf(CasesPerTemplate * Templates.Length).ToArbitrary(), conversations =>
    {
        OracleCase[] cases = [.. conversations.Select((variables, i) => new OracleCase(Oracle.Templates[Templates[i % Templates.Length]], variables))];
        string[] differences = [.. cases.Zip(Oracle.Render(cases), Difference).OfType<string>().Distinct(StringComparer.Ordinal)];
        Assert.True(differences.Length == 0, string.Join('\n', differences));
    });

    private static string? Difference(OracleCase item, OracleResult expected)
    {
        (string? text, ChatTemplateException? error) = Rendering.Try(item.Template, item.Variables);
        string name = Oracle.Templates.First(template => template.Value == item.Template).Key;
        if (expected.Error is not null)
        {
            bool agreed = error is null ? OracleGaps.Errors.Contains(expected.Error) : !error.RaisedByTemplate || error.Message == expected.Error;
            return agreed ? null : $"{name}: {error?.Message ?? "text"} instead of the error {expected.Error}";
        }

        // The oracle lets what is undefined have attributes, Python does not.
        if (error?.Message.Contains("is undefined, so it has no", StringComparison.Ordinal) == true)
            return null;
        int at = (text ?? "").AsSpan().CommonPrefixLength(expected.Text);
        return text == expected.Text ? null : $"{name}: {error?.Message}{text?[Math.Max(0, at - 40)..]} instead of {expected.Text![Math.Max(0, at - 40)..]} for {item.Variables}";
    }
}
