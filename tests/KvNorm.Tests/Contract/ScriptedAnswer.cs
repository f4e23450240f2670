using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Contract;

/// <summary>What the scripted client says to a prompt: calls, JSON, or twenty words.</summary>
internal sealed class ScriptedAnswer
{
    private const int LongestText = 20;

    private static readonly string[] Words =
        ["waves", "salt", "gulls", "sand", "deep", "blue", "wind", "foam", "tide", "shells", "ships", "storms"];

    private ScriptedAnswer(IReadOnlyList<string> tokens, string shown, ChatFinishReason reason, IReadOnlyList<FunctionCallContent> calls) =>
        (Tokens, Shown, FinishReason, Calls) = (tokens, shown, reason, calls);

    public IReadOnlyList<string> Tokens { get; }

    /// <summary>Gets the text up to the first stop sequence.</summary>
    public string Shown { get; }

    public ChatFinishReason FinishReason { get; }

    public IReadOnlyList<FunctionCallContent> Calls { get; }

    public static ScriptedAnswer To(ScriptedPrompt prompt, ChatOptions? options)
    {
        List<FunctionCallContent> calls = [.. ToCall(prompt, options).Select(Call)];
        if (calls.Count > 0)
            return new ScriptedAnswer([.. calls.Select(ScriptedPrompt.Text)], "", ChatFinishReason.ToolCalls, calls);
        List<string> all = options?.ResponseFormat is ChatResponseFormatJson json ? [Json(json)] : Say(prompt, options);
        List<string> tokens = [.. all.Take(options?.MaxOutputTokens ?? LongestText)];
        string text = string.Join(' ', tokens);
        int stop = (options?.StopSequences ?? []).Select(sequence => text.IndexOf(sequence, StringComparison.Ordinal)).Where(at => at >= 0)
            .DefaultIfEmpty(-1).Min();
        ChatFinishReason reason = stop >= 0 || tokens.Count == all.Count ? ChatFinishReason.Stop : ChatFinishReason.Length;
        return new ScriptedAnswer(tokens, stop >= 0 ? text[..stop] : text, reason, []);
    }

    /// <summary>The shown text in pieces: word by word, but nothing that may still become a stop sequence.</summary>
    public IEnumerable<string> Chunks(IEnumerable<string> stops)
    {
        int from = 0;
        for (int to = 1; to <= Shown.Length; to++)
        {
            if (to < Shown.Length && (Shown[to] != ' ' || stops.Any(stop => MayBegin(Shown[..to], stop))))
                continue;
            yield return Shown[from..to];
            from = to;
        }
    }

    private static bool MayBegin(string text, string stop) =>
        Enumerable.Range(1, Math.Min(text.Length, stop.Length)).Any(length => text.EndsWith(stop[..length], StringComparison.Ordinal));

    private static IEnumerable<AIFunctionDeclaration> ToCall(ScriptedPrompt prompt, ChatOptions? options)
    {
        List<AIFunctionDeclaration> tools = [.. options?.Tools?.OfType<AIFunctionDeclaration>() ?? []];
        List<AIFunctionDeclaration> named = tools.FindAll(tool => prompt.Asked.Contains(tool.Name, StringComparison.Ordinal));
        List<AIFunctionDeclaration> wanted = options?.ToolMode switch
        {
            NoneChatToolMode => [],
            RequiredChatToolMode { RequiredFunctionName: { } name } => tools.FindAll(tool => tool.Name == name),
            RequiredChatToolMode when named.Count == 0 => tools,
            _ => named,
        };
        return options?.AllowMultipleToolCalls == false ? wanted.Take(1) : wanted;
    }

    private static FunctionCallContent Call(AIFunctionDeclaration tool) =>
        new(Guid.NewGuid().ToString("N"), tool.Name, SchemaSample.Of(tool.JsonSchema).Deserialize<Dictionary<string, object?>>());

    private static string Json(ChatResponseFormatJson format) =>
        format.Schema is { } schema ? SchemaSample.Of(schema)!.ToJsonString() : "{}";

    private static List<string> Say(ScriptedPrompt prompt, ChatOptions? options)
    {
        Random random = IsGreedy(options)
            ? new Random(Hash(prompt.Tokens))
            : options?.Seed is { } seed ? new Random((int)(seed % int.MaxValue)) : Random.Shared;
        return [.. Enumerable.Range(0, LongestText).Select(_ => Words[random.Next(Words.Length)])];
    }

    private static bool IsGreedy(ChatOptions? options) =>
        options is { Temperature: 0 } or { TopK: 1 } or { TopP: 0 }
        || (options?.AdditionalProperties?.TryGetValue("min_p", out object? share) == true
            && float.Parse($"{share}", CultureInfo.InvariantCulture) >= 1);

    // The same in every process, unlike string.GetHashCode.
    private static int Hash(IEnumerable<string> tokens) =>
        unchecked(string.Join(' ', tokens).Aggregate(17, (hash, letter) => (hash * 31) + letter));
}
