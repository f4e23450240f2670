using Microsoft.Extensions.AI;

namespace KvNorm.Server.Answers;

/// <summary>
/// What is told at the end of an answer. A client that the application put around the model may run tools of its own and ask again, each
/// time with calls, a usage and a reason to end: whoever asked is told the calls that are left to it, the sum, and the last reason.
/// </summary>
internal sealed class AnswerEnd
{
    private readonly List<FunctionCallContent> _calls = [];
    private UsageDetails? _usage;

    /// <summary>Gets the calls so far that whoever asked is to run.</summary>
    public IEnumerable<FunctionCallContent> Calls => _calls.Where(IsRunnable);

    /// <summary>Gets or sets the last reason so far; null for none.</summary>
    public ChatFinishReason? Reason { get; set; }

    /// <summary>Gets the reason that is told: calls only where any are left.</summary>
    public ChatFinishReason? FinishReason => Reason == ChatFinishReason.ToolCalls && !Calls.Any() ? ChatFinishReason.Stop : Reason;

    /// <summary>Whether a content is told at the end, if at all.</summary>
    public static bool Has(AIContent content) => content is FunctionCallContent or FunctionResultContent or UsageContent;

    /// <summary>A content of the answer.</summary>
    public void Add(AIContent content)
    {
        switch (content)
        {
            case FunctionCallContent call:
                _calls.Add(call);
                break;
            case FunctionResultContent result: // somebody has run it
                _calls.RemoveAll(call => call.CallId == result.CallId);
                break;
            case UsageContent usage:
                (_usage ??= new UsageDetails()).Add(usage.Details);
                break;
        }
    }

    /// <summary>What is told when the answer is complete.</summary>
    public ChatResponseUpdate Complete()
    {
        List<AIContent> contents = [.. Calls];
        if (_usage is not null)
            contents.Add(new UsageContent(_usage));
        return new ChatResponseUpdate(ChatRole.Assistant, contents) { FinishReason = FinishReason };
    }

    // A call that was received in half, or cannot be read, has no arguments, and OpenAI's API no way to say so: whoever asked would run it.
    private static bool IsRunnable(FunctionCallContent call) => call is { Exception: null, InformationalOnly: false };
}
