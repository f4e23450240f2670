using System.Diagnostics;
using System.Threading.Channels;
using KvNorm.Chat.Conversations;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat;

/// <summary>
/// One answer on its way from the worker of <see cref="AnswerScheduler"/>, which writes here, to the caller, who reads. Neither waits here
/// for the other. It is there from the moment a request is queued; the caller need not know when its <see cref="Answer"/> begins in a slot.
/// </summary>
internal sealed class AnswerStream
{
    // MaxOutputTokens is its bound.
    private static readonly UnboundedChannelOptions OneToOne = new() { SingleReader = true, SingleWriter = true };

    private readonly Channel<AIContent> _contents = Channel.CreateUnbounded<AIContent>(OneToOne);
    private readonly ExecutionContext? _caller = ExecutionContext.Capture(); // null where the caller lets nothing flow
    private readonly long _created = Stopwatch.GetTimestamp();
    private long _begun; // timestamp; 0 for not yet
    private bool _isWanted;

    /// <summary>Makes a stream that nobody writes to yet.</summary>
    /// <param name="request">What is answered. Whoever writes the answer disposes of it.</param>
    /// <param name="conversation">The conversation, where it is kept by name; null for none.</param>
    /// <param name="cancelled">Ends the answer.</param>
    public AnswerStream(PreparedRequest request, StoredConversation? conversation, CancellationToken cancelled) =>
        (Request, Conversation, Cancelled) = (request, conversation, cancelled);

    public PreparedRequest Request { get; }

    public StoredConversation? Conversation { get; }

    public CancellationToken Cancelled { get; }

    /// <summary>Gets or sets the id by which the conversation is found; null until the answer begins.</summary>
    public string? ConversationId { get; set; }

    /// <summary>Gets what can be shown, as it comes. Ends when the answer does, with the exception that ended it.</summary>
    public ChannelReader<AIContent> Contents => _contents.Reader;

    /// <summary>Gets or sets whether somebody waits for something to show.</summary>
    public bool IsWanted
    {
        get => Volatile.Read(ref _isWanted);
        set => Volatile.Write(ref _isWanted, value);
    }

    /// <summary>Gets how long the request waited for a slot; null when it has got none.</summary>
    public TimeSpan? Queued => Volatile.Read(ref _begun) is var begun and > 0 ? Stopwatch.GetElapsedTime(_created, begun) : null;

    /// <summary>Gets what the answer leaves; null unless <see cref="Contents"/> ended without an exception.</summary>
    public AnswerResult? Result { get; private set; }

    /// <summary>The answer begins in a slot.</summary>
    public void Begin() => Volatile.Write(ref _begun, Stopwatch.GetTimestamp());

    /// <summary>Tells the caller how far the prompt is prefilled, where it wants to know, among its own ambient values.</summary>
    public void Report(PrefillProgress progress)
    {
        if (Request.Progress is not { } caller)
            return;
        if (_caller is null)
            caller.Report(progress);
        else
            ExecutionContext.Run(_caller, _ => caller.Report(progress), null);
    }

    /// <summary>Shows something.</summary>
    public void Write(IReadOnlyList<AIContent> contents)
    {
        if (contents.Count > 0)
            IsWanted = false; // before the caller can ask for more
        foreach (AIContent content in contents)
            _contents.Writer.TryWrite(content);
    }

    /// <summary>The answer is complete.</summary>
    public void Complete(AnswerResult result)
    {
        Result = result;
        _contents.Writer.TryComplete();
    }

    /// <summary>The answer is not going to be complete.</summary>
    public void Fail(Exception exception) => _contents.Writer.TryComplete(exception);
}
