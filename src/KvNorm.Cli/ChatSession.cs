using System.Text;
using Microsoft.Extensions.AI;

namespace KvNorm.Cli;

/// <summary>
/// A conversation of the command line. The client keeps it by a name, so that it can be saved; what the client does not keep, such as an
/// answer that was stopped, is sent with the next message.
/// </summary>
internal sealed class ChatSession
{
    private readonly KvNormChatClient _client;
    private readonly List<ChatMessage> _history = [];
    private readonly List<AttachedFile> _attached = [];
    private string _name = NewName();
    private int _kept; // messages at the beginning of the history that the client keeps under the name

    /// <summary>Begins one.</summary>
    /// <param name="client">Who answers.</param>
    /// <param name="options">How.</param>
    /// <param name="system">The system prompt; empty for none.</param>
    public ChatSession(KvNormChatClient client, ChatOptions options, string system = "")
    {
        (_client, Options) = (client, options);
        SystemPrompt = system;
    }

    /// <summary>Gets how answers are sampled; may be changed.</summary>
    public ChatOptions Options { get; }

    /// <summary>Gets the number of answers.</summary>
    public int Turns => _history.Count(static message => message.Role == ChatRole.Assistant);

    /// <summary>Gets the text of the last message.</summary>
    public string LastText => _history.Count == 0 ? "" : _history[^1].Text;

    /// <summary>Gets whether all that was said is known to the client, and so would be saved.</summary>
    public bool IsKept => _kept == _history.Count;

    /// <summary>Gets or sets the system prompt; empty for none. It stands before everything, so all is read again after a change.</summary>
    public string SystemPrompt
    {
        get => _history is [{ } first, ..] && first.Role == ChatRole.System ? first.Text : "";
        set
        {
            if (SystemPrompt.Length > 0)
                _history.RemoveAt(0);
            if (value.Length > 0)
                _history.Insert(0, new ChatMessage(ChatRole.System, value));
            Forget();
        }
    }

    /// <summary>Has a file go with the next message.</summary>
    public void Attach(AttachedFile file) => _attached.Add(file);

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
        ChatMessage[] before = [.. _history];
        _history.Add(new ChatMessage(ChatRole.User, AttachedFile.Join(_attached, message)));
        try
        {
            return await AnswerAsync(before, show, cancellationToken, progress);
        }
        finally
        {
            if (_history.Count > before.Length)
                _attached.Clear(); // they stay with their message
        }
    }

    /// <summary>Has the last message answered anew. Where nothing comes, the answer that there was stays.</summary>
    /// <exception cref="ArgumentException">There is no answer.</exception>
    /// <inheritdoc cref="SendAsync"/>
    public Task<TurnReport> RetryAsync(
        Action<string> show, CancellationToken cancellationToken, IProgress<PrefillProgress>? progress = null)
    {
        if (_history.Count == 0 || _history[^1].Role != ChatRole.Assistant)
            throw new ArgumentException("Nothing has been answered yet.");
        ChatMessage[] before = [.. _history];
        _history.RemoveAt(_history.Count - 1);
        Forget();
        return AnswerAsync(before, show, cancellationToken, progress);
    }

    /// <summary>Begins a new conversation, with the same system prompt.</summary>
    public void Reset()
    {
        _history.RemoveAll(static message => message.Role != ChatRole.System);
        _attached.Clear();
        Forget();
    }

    /// <summary>Saves what the client keeps.</summary>
    /// <exception cref="ArgumentException">That is nothing.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public Task SaveAsync(string path, CancellationToken cancellationToken) => _kept > 0
        ? _client.SaveConversationAsync(_name, path, cancellationToken)
        : throw new ArgumentException(
            "No answer was finished since the conversation began, or since /system or /retry changed it: there is nothing to save yet.");

    /// <summary>Goes on with a saved conversation, in place of this one.</summary>
    /// <exception cref="ConversationFileException">It is none.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public async Task LoadAsync(string path, CancellationToken cancellationToken)
    {
        string name = NewName();
        IReadOnlyList<ChatMessage> messages = await _client.LoadConversationAsync(name, path, cancellationToken);
        Forget();
        _history.Clear();
        _history.AddRange(messages);
        (_name, _kept) = (name, messages.Count);
    }

    private static string NewName() => Guid.NewGuid().ToString("N");

    // From now on the client keeps nothing of this conversation; it is sent as a whole with the next message.
    private void Forget()
    {
        _client.RemoveConversation(_name);
        (_name, _kept) = (NewName(), 0);
    }

    private async Task<TurnReport> AnswerAsync(
        ChatMessage[] before, Action<string> show, CancellationToken cancellationToken, IProgress<PrefillProgress>? progress)
    {
        Options.ConversationId = _name;
        (Options.AdditionalProperties ??= [])[PrefillProgress.Option] = progress;
        StringBuilder text = new();
        ChatResponseUpdate? last = null;
        try
        {
            ChatMessage[] unknown = [.. _history.Skip(_kept)];
            await foreach (ChatResponseUpdate update in _client.GetStreamingResponseAsync(unknown, Options, cancellationToken))
            {
                text.Append(update.Text);
                show(update.Text);
                last = update;
            }
        }
        finally
        {
            if (text.Length > 0 || last?.FinishReason is not null)
                _history.Add(new ChatMessage(ChatRole.Assistant, text.ToString()));
            else
                Restore(before);
        }

        _kept = _history.Count;
        return TurnReport.Of(Turns, text.ToString(), last!, _client.Statistics);
    }

    private void Restore(ChatMessage[] before)
    {
        _history.Clear();
        _history.AddRange(before);
    }
}
