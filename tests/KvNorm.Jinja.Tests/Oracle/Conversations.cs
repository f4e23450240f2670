using System.Text.Json.Nodes;

namespace KvNorm.Jinja.Tests.Oracle;

/// <summary>Message lists that exercise what chat templates tell apart.</summary>
internal static class Conversations
{
    /// <summary>Variables by the name of the case.</summary>
    public static IReadOnlyDictionary<string, string> Written { get; } =
        OracleFolder.Read("conversations.json").ToDictionary(pair => pair.Key, pair => pair.Value!.ToJsonString(), StringComparer.Ordinal);

    /// <summary>300 messages of 2,000 characters.</summary>
    public static string Long { get; } = new JsonObject
    {
        ["bos_token"] = "<s>",
        ["eos_token"] = "</s>",
        ["add_generation_prompt"] = true,
        ["messages"] = new JsonArray([.. Enumerable.Range(0, 300).Select(i => Message(i % 2 == 0 ? "user" : "assistant"))]),
        ["tools"] = new JsonArray(),
        ["functions"] = "[]",
        ["datetime"] = "now",
    }.ToJsonString();

    private static JsonObject Message(string role) =>
        new() { ["role"] = role, ["content"] = string.Concat(Enumerable.Repeat("word <b> \n", 200)) };
}
