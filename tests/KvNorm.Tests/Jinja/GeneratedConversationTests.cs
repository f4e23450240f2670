using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace KvNorm.Tests.Jinja;

public sealed class GeneratedConversationTests
{
    private const int CasesPerTemplate = 12;

    // Templates whose constructs the oracle has all and means as Python does: it ignores the characters of strip('\n'), for one.
    private static readonly string[] Templates =
    [
        "Apertus-8B-Instruct", "GLM-4.7-Flash", "HuggingFaceTB-SmolLM3-3B", "LFM2-8B-A1B", "Mistral-Small-3.2-24B-Instruct-2506", "Qwen-Qwen2.5-7B-Instruct",
        "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", "google-gemma-2-2b-it", "ibm-granite-granite-3.3-2B-Instruct", "meta-llama-Llama-3.1-8B-Instruct",
        "microsoft-Phi-3.5-mini-instruct", "mistralai-Mistral-Nemo-Instruct-2407", "moonshotai-Kimi-K2", "openai-gpt-oss-120b",
    ];

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
        foreach ((OracleCase item, OracleResult expected) in cases.Zip(Oracle.Render(cases)))
        {
            (string? text, ChatTemplateException? error) = Rendering.Try(item.Template, item.Variables);
            Assert.True(text == expected.Text && error is null == expected.Error is null, $"{item.Variables}\ngives {text}{error?.Message}\ninstead of {expected}\nin {item.Template}");
            Assert.True(error is not { RaisedByTemplate: true } || error.Message == expected.Error, $"{error?.Message} instead of {expected.Error}");
        }
    });
}
