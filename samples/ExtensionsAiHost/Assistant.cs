using System.ComponentModel;
using Microsoft.Extensions.AI;

namespace ExtensionsAiHost;

/// <summary>One conversation with tools, which the client it is given runs.</summary>
internal sealed class Assistant(IChatClient chat)
{
    private const int MaximumTokens = 64;

    private readonly ChatOptions _options = new()
    {
        Tools = [AIFunctionFactory.Create(TimeIn, "time_in"), AIFunctionFactory.Create(RollDice, "roll_dice")],
        MaxOutputTokens = MaximumTokens,
    };

    private readonly List<ChatMessage> _history = [new(ChatRole.System, "You are a helpful AI assistant. Answer in one sentence.")];

    /// <summary>Answers.</summary>
    public async IAsyncEnumerable<string> AskAsync(string text)
    {
        _history.Add(new ChatMessage(ChatRole.User, text));
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync(_history, _options))
        {
            updates.Add(update);
            yield return update.Text;
        }

        _history.AddMessages(updates);
    }

    [Description("Tells the time in hours from UTC.")]
    private static string TimeIn([Description("Hours from UTC, -12 to 14.")] int hours) =>
        $"{DateTimeOffset.UtcNow.ToOffset(TimeSpan.FromHours(hours)):HH:mm}";

    [Description("Rolls a dice.")]
    private static int RollDice([Description("How many sides it has.")] int sides = 6) => Random.Shared.Next(1, sides + 1);
}
