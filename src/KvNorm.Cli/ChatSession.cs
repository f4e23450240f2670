using System.Text;
using Microsoft.Extensions.AI;

namespace KvNorm.Cli;

/// <summary>A conversation of the command line: sends the whole history with every turn, as applications do.</summary>
internal sealed class ChatSession(IChatClient client, ChatOptions options)
{
    private readonly List<ChatMessage> _history = [];

    public int Turns { get; private set; }

    /// <summary>
    /// Sends a message. What of an answer came before a cancellation or an error stays in the history; where none came, the message is
    /// taken back.
    /// </summary>
    /// <param name="message">The user's text.</param>
    /// <param name="show">Told each piece of the answer.</param>
    /// <param name="cancellationToken">Stops the answer.</param>
    /// <param name="progress">Told how far the prompt is read; null for nobody.</param>
    public async Task<TurnReport> SendAsync(
        string message, Action<string> show, CancellationToken cancellationToken, IProgress<PrefillProgress>? progress = null)
    {
        options.AdditionalProperties = new() { [PrefillProgress.Option] = progress };
        _history.Add(new ChatMessage(ChatRole.User, message));
        StringBuilder text = new();
        ChatResponseUpdate? last = null;
        try
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(_history, options, cancellationToken))
            {
                text.Append(update.Text);
                show(update.Text);
                last = update;
            }
        }
        finally
        {
            if (text.Length > 0 || last?.FinishReason is not null)
            {
                _history.Add(new ChatMessage(ChatRole.Assistant, text.ToString()));
                Turns++;
            }
            else
            {
                _history.RemoveAt(_history.Count - 1);
            }
        }

        return TurnReport.Of(Turns, text.ToString(), last!, client.GetRequiredService<KvCacheStatistics>());
    }

    public void Reset()
    {
        _history.Clear();
        Turns = 0;
    }
}
