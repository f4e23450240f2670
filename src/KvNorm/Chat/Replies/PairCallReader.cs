using KvNorm.Chat.Dialects;

namespace KvNorm.Chat.Replies;

/// <summary>Reads calls behind their mark whose arguments are names and values in brackets, as they come.</summary>
internal sealed class PairCallReader(ToolCallFormat format, CallContents calls, AnswerContents contents)
{
    private int _searched;
    private bool _isCall; // as far as its head tells

    /// <summary>Calls begin.</summary>
    public void Begin() => (_searched, _isCall) = (0, false);

    /// <summary>Reads on. The calls are over where the text before an end mark is complete; other end marks stand in texts.</summary>
    /// <param name="text">What was given before, and more.</param>
    /// <param name="taken">How much of it was read and is done with.</param>
    public CallProgress Read(ReadOnlySpan<char> text, out int taken)
    {
        taken = 0;
        string mark = format.EndMark!;
        for (int end; (end = text[_searched..].IndexOf(mark, StringComparison.Ordinal)) >= 0; _searched += end + mark.Length)
        {
            CallProgress progress = Take(text[..(_searched + end)]);
            if (progress == CallProgress.Done)
                taken = _searched + end;
            if (progress != CallProgress.Wait)
                return progress;
        }

        _searched = Math.Max(_searched, text.Length - mark.Length + 1);
        if (!_isCall && !MayBe(CallHead.Of(text)))
            return CallProgress.None;
        _isCall = text.Length >= CallHead.Longest;
        return CallProgress.Wait;
    }

    /// <summary>Takes the calls that a text is.</summary>
    public CallProgress Take(ReadOnlySpan<char> text)
    {
        PairReader reader = new(text, format.Pairs);
        List<(string Name, string Arguments)>? read = Calls(ref reader);
        if (!reader.IsAtEnd)
            return CallProgress.None;
        if (read is null)
            return CallProgress.Wait;
        foreach ((string name, string arguments) in read)
            contents.Call(calls.FromArguments(name, arguments, null));
        return CallProgress.Done;
    }

    // What is wrong at its beginning need not be held back.
    private bool MayBe(ReadOnlySpan<char> text)
    {
        PairReader reader = new(text, format.Pairs);
        return Calls(ref reader) is not null || reader.IsAtEnd;
    }

    private List<(string Name, string Arguments)>? Calls(ref PairReader reader) =>
        format.IsList ? reader.ReadList() : reader.ReadCall() is { } call ? [call] : null;
}
