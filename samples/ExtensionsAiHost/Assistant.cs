using System.ComponentModel;
using Microsoft.Extensions.AI;

namespace ExtensionsAiHost;

/// <summary>One conversation with tools. FunctionInvokingChatClient of Microsoft.Extensions.AI does the same and more.</summary>
internal sealed class Assistant(IChatClient chat)
{
    private const int MostRounds = 4; // a model may go on calling for ever

    private static readonly AIFunction[] Tools = [AIFunctionFactory.Create(TimeIn, "time_in"), AIFunctionFactory.Create(RollDice, "roll_dice")];

    private readonly List<ChatMessage> _history = [new(ChatRole.System, "You are a helpful AI assistant. Answer in one sentence.")];

    /// <summary>Answers, and runs what the model calls on the way.</summary>
    public async IAsyncEnumerable<string> AskAsync(string text)
    {
        _history.Add(new ChatMessage(ChatRole.User, text));
        for (int round = 1; round <= MostRounds; round++)
        {
            ChatOptions options = new() { Tools = [.. Tools], ToolMode = round < MostRounds ? ChatToolMode.Auto : ChatToolMode.None };
            List<ChatResponseUpdate> updates = [];
            await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync(_history, options))
            {
                updates.Add(update);
                yield return update.Text;
            }

            _history.AddMessages(updates);
            List<FunctionCallContent> calls = [.. updates.SelectMany(update => update.Contents).OfType<FunctionCallContent>()];
            if (calls.Count == 0)
                yield break;
            _history.Add(new ChatMessage(ChatRole.Tool, [.. await Task.WhenAll(calls.Select(RunAsync))]));
        }
    }

    // A model may name a tool that does not exist or leave an argument out: it is told so, like a person.
    private static async Task<AIContent> RunAsync(FunctionCallContent call)
    {
        try
        {
            AIFunction tool = Array.Find(Tools, tool => tool.Name == call.Name) ?? throw new ArgumentException($"There is no tool '{call.Name}'.");
            return new FunctionResultContent(call.CallId, await tool.InvokeAsync(new AIFunctionArguments(call.Arguments, StringComparer.Ordinal)));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new FunctionResultContent(call.CallId, $"Error: {e.Message}") { Exception = e };
        }
    }

    [Description("Tells the time in hours from UTC.")]
    private static string TimeIn([Description("Hours from UTC, -12 to 14.")] int hours) => $"{DateTimeOffset.UtcNow.ToOffset(TimeSpan.FromHours(hours)):HH:mm}";

    [Description("Rolls a dice.")]
    private static int RollDice([Description("How many sides it has.")] int sides = 6) => Random.Shared.Next(1, sides + 1);
}
