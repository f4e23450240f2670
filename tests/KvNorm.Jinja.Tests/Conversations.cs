using System.Text.Json.Nodes;

namespace KvNorm.Tests.Jinja;

/// <summary>Message lists that exercise what chat templates tell apart.</summary>
internal static class Conversations
{
    private const string System = """{"role":"system","content":"You are <b>kind</b>."}""";
    private const string User = """{"role":"user","content":"Hello, what's up?"}""";
    private const string Answer = """{"role":"assistant","content":"Fine.\nAnd you?"}""";
    private const string User2 = """{"role":"user","content":"Good 😀 {{ x }}"}""";
    private const string Thought = """{"role":"assistant","content":"<think>\nhm\n</think>\n\nIt is 21."}""";

    private const string Calling = """
        {"role":"assistant","content":"","tool_calls":[{"id":"call00001","type":"function","function":{"name":"get_weather","arguments":{"city":"Paris","unit":"c"}}}]}
        """;

    private const string Result = """{"role":"tool","content":"{\"temp\": 21}","tool_call_id":"call00001","name":"get_weather"}""";

    private const string Tools = """
        [{"type":"function","function":{"name":"get_weather","description":"Get the weather \"now\"","parameters":{"type":"object",
            "properties":{"city":{"type":"string","description":"The city"},"unit":{"type":"string","enum":["c","f"],"description":"Unit"}},"required":["city"]}}},
         {"type":"function","function":{"name":"add","description":"Add é numbers","parameters":{"type":"object",
            "properties":{"a":{"type":"integer","description":"first"},"b":{"type":"number","description":"second"},"exact":{"type":"boolean","description":"exactly","default":true},
            "opts":{"type":"array","items":{"type":"string"},"description":"o"}},"required":["a","b"]}}}]
        """;

    /// <summary>Variables by the name of the case.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["user"] = Variables([User]),
        ["system and user"] = Variables([System, User]),
        ["several turns"] = Variables([System, User, Answer, User2]),
        ["answered"] = Variables([System, User, Answer], """{"add_generation_prompt":false}"""),
        ["tools"] = Variables([System, User], $$"""{"tools":{{Tools}}}"""),
        ["calls and results"] = Variables([System, User, Calling, Result, Thought, User2], $$"""{"tools":{{Tools}}}"""),
        ["open result"] = Variables([User, Calling, Result], $$"""{"tools":{{Tools}}}"""),
        ["two users"] = Variables([User, User2]),
        ["assistant first"] = Variables([Answer, User]),
        ["no thinking"] = Variables([User, Thought, User2], """{"enable_thinking":false}"""),
        ["reasoning"] = Variables([User, """{"role":"assistant","content":"Yes.","reasoning_content":"I think so."}""", User2]),
        ["unknown role"] = Variables([User, """{"role":"critic","content":"bad"}"""]),
        ["parts"] = Variables(["""{"role":"user","content":[{"type":"text","text":"Part one."},{"type":"text","text":"Two."}]}"""]),
    };

    public static string Variables(IEnumerable<string> messages, string more = "{}")
    {
        JsonObject variables = new()
        {
            ["bos_token"] = "<s>",
            ["eos_token"] = "</s>",
            ["add_generation_prompt"] = true,
            ["messages"] = JsonNode.Parse($"[{string.Join(',', messages)}]"),
        };
        foreach ((string name, JsonNode? value) in JsonNode.Parse(more)!.AsObject())
            variables[name] = value?.DeepClone();
        return variables.ToJsonString();
    }

    /// <summary>A message as JSON.</summary>
    public static string Message(string role, string content) => new JsonObject { ["role"] = role, ["content"] = content }.ToJsonString();
}
