using KvNorm.Chat.Dialects;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Replies;

/// <summary>The calls of an answer that stand without their marks: where they may begin, and how far they go.</summary>
internal sealed class BareCalls(
    ToolCallFormat format, IReadOnlyList<AIFunctionDeclaration> tools, CallContents calls, AnswerContents contents)
{
    private readonly BareCallStarts _starts = new();
    private readonly BareCallReader _reader = new(format, calls, [.. tools.Select(static tool => tool.Name)]);

    /// <summary>Where in some text such a call may begin; null for nowhere.</summary>
    public int? First(ReadOnlySpan<char> text) => _starts.First(text);

    /// <summary>The length of what may become such a place at the end of a text.</summary>
    public int HeldLength(ReadOnlySpan<char> text) => _starts.HeldLength(text);

    /// <summary>Text was said.</summary>
    public void Said(ReadOnlySpan<char> text) => _starts.Said(text);

    /// <summary>A call may begin.</summary>
    public void Begin() => _reader.Begin();

    /// <summary>Reads on.</summary>
    /// <param name="text">What was not taken before, and more.</param>
    /// <param name="isAll">Whether no more comes: a call that is known to be one is then broken off.</param>
    /// <param name="taken">How much of it was read and is done with.</param>
    public CallProgress Read(ReadOnlySpan<char> text, bool isAll, out int taken)
    {
        IReadOnlyList<FunctionCallContent>? read = _reader.Read(text, isAll, out taken);
        if (read is null)
            return CallProgress.Wait;
        if (read.Count == 0 && isAll && _reader.UnfinishedName(text) is { } name)
            (read, taken) = ([calls.Unfinished(name)], text.Length);
        foreach (FunctionCallContent call in read)
            contents.Call(call);
        return read.Count > 0 ? CallProgress.Done : CallProgress.None;
    }

    /// <summary>Says the bracket or fence at which no call begins.</summary>
    /// <returns>Its length.</returns>
    public int Reject(ReadOnlySpan<char> text)
    {
        int length = BareCallStarts.Length(text);
        contents.Say(text[..length], isThought: false);
        _starts.Reject(text[..length]);
        return length;
    }
}
