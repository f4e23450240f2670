using Microsoft.Extensions.AI;

namespace DesktopAssistant;

/// <summary>One endless conversation: asks the model, runs the tools it calls, and asks again until it has answered.</summary>
internal sealed class Assistant(IChatClient chat, IReadOnlyList<AIFunction> tools)
{
    private const int MaximumRounds = 3; // of calls in one turn; then the model has to answer
    private const int MaximumTokens = 64;

    private readonly List<ChatMessage> _history = [new(ChatRole.System, "You are a desktop assistant. Answer in one short sentence.")];

    /// <summary>Gets the tools called so far.</summary>
    public int ToolCalls { get; private set; }

    /// <summary>Answers one message, writing the text as it comes.</summary>
    /// <param name="text">The message.</param>
    /// <param name="first">Whether a tool may or must be called first; afterwards the model chooses.</param>
    public async Task AskAsync(string text, ChatToolMode first)
    {
        _history.Add(new ChatMessage(ChatRole.User, text));
        for (int round = 0; round <= MaximumRounds; round++)
        {
            ChatToolMode mode = round switch { 0 => first, MaximumRounds => ChatToolMode.None, _ => ChatToolMode.Auto };
            List<FunctionCallContent> calls = await StreamAsync(
                new ChatOptions { Tools = [.. tools], ToolMode = mode, MaxOutputTokens = MaximumTokens });
            if (calls.Count == 0)
                return;
            List<AIContent> results = [];
            foreach (FunctionCallContent call in calls)
                results.Add(await RunAsync(call));
            _history.Add(new ChatMessage(ChatRole.Tool, results));
        }
    }

    private async Task<List<FunctionCallContent>> StreamAsync(ChatOptions options)
    {
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync(_history, options))
        {
            Console.Write(update.Text);
            updates.Add(update);
        }

        _history.AddMessages(updates);
        // A call that the answer broke off, or whose arguments are no JSON, is shown and not meant to be run.
        return [.. updates.SelectMany(update => update.Contents).OfType<FunctionCallContent>().Where(call => !call.InformationalOnly)];
    }

    // A small model gets arguments wrong now and then: it is told what was wrong, and the conversation goes on.
    private async Task<FunctionResultContent> RunAsync(FunctionCallContent call)
    {
        ToolCalls++;
        Console.Write($"({call.Name}) ");
        try
        {
            AIFunction tool = tools.FirstOrDefault(tool => tool.Name == call.Name)
                ?? throw new ArgumentException($"There is no tool '{call.Name}'.");
            return new FunctionResultContent(
                call.CallId, await tool.InvokeAsync(new AIFunctionArguments(call.Arguments, StringComparer.Ordinal)));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new FunctionResultContent(call.CallId, $"Error: {e.Message}") { Exception = e };
        }
    }
}
