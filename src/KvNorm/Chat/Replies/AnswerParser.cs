using System.Runtime.InteropServices;
using KvNorm.Chat.Dialects;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Replies;

/// <summary>
/// Reads the text of an answer, which comes in pieces, as text, thoughts and calls of tools. No mark is ever shown: what may be the
/// beginning of one is held back until that is known, and what a piece gives does not depend on how the text was cut. What looked like a
/// call and is none is text, without the marks.
/// </summary>
internal sealed class AnswerParser
{
    /// <summary>Characters of one call.</summary>
    public const int MostCallCharacters = 1 << 20;

    private readonly AnswerMarks _marks;
    private readonly AnswerContents _contents;
    private readonly CallReader? _calls;
    private readonly BareCalls? _bare;
    private readonly bool _isJson;
    private readonly List<char> _pending = [];
    private Place _place;
    private bool _callInThought;
    private bool _mayHaveThought; // not ended yet: one that the answer does not begin, or goes on with behind a call
    private bool _repeatsPrompt; // it wrote a hidden mark, so no JSON behind that is a call

    /// <summary>Reads an answer.</summary>
    /// <param name="format">How the model writes calls; null when none are expected, so that nothing is read as one.</param>
    /// <param name="reasoning">How it thinks; null when it does not.</param>
    /// <param name="tools">The tools that it was offered. A call of another is handed on: the caller answers that.</param>
    /// <param name="beginning">Where the answer begins.</param>
    /// <param name="isJson">Whether what does not begin with a mark is JSON, in whose strings marks are text.</param>
    /// <param name="hidden">Marks that mean nothing here and are never shown, such as those that results are written with.</param>
    public AnswerParser(
        ToolCallFormat? format,
        ReasoningFormat? reasoning,
        IReadOnlyList<AIFunctionDeclaration> tools,
        AnswerBeginning beginning = default,
        bool isJson = false,
        IEnumerable<string>? hidden = null)
    {
        _isJson = isJson;
        _marks = new AnswerMarks(format, reasoning, [.. hidden ?? []]);
        _contents = new AnswerContents(!_marks.OfText.IsEmpty);
        _place = Begin();
        if (format is not null)
        {
            CallContents calls = new(format);
            _calls = new CallReader(format, tools, calls, _contents);
            _bare = format.Bare ? new BareCalls(format, tools, calls, _contents) : null;
            if (beginning.InCall)
                BeginCall(format.Start);
        }

        if (beginning.InReasoning && reasoning is not null)
            _place = Place.Thought;
        _mayHaveThought = beginning.MayReason || beginning.InReasoning;
    }

    private enum Place
    {
        Beginning, // nothing was said yet, and JSON is expected
        Text,
        Json,
        Thought,
        Call,
        BareCall,
    }

    /// <inheritdoc cref="AnswerContents.HeldSpace"/>
    public string HeldSpace => _contents.HeldSpace;

    /// <summary>Gets whether the text so far ends in a thought.</summary>
    public bool InReasoning => _place == Place.Thought;

    /// <summary>Gets whether the text so far ends in what is, or may be, a call.</summary>
    public bool InCall => _place is Place.Call or Place.BareCall;

    /// <summary>Takes more text.</summary>
    /// <returns>What is known now, in order; often nothing.</returns>
    /// <exception cref="InvalidOperationException">A call has more than <see cref="MostCallCharacters"/> characters.</exception>
    public IReadOnlyList<AIContent> Push(string text)
    {
        _pending.AddRange(text);
        Read();
        if (InCall && _pending.Count > MostCallCharacters)
            throw new InvalidOperationException($"The model wrote a call of more than {MostCallCharacters} characters.");
        return _contents.Take();
    }

    /// <summary>
    /// No more text comes. A call that was broken off is a content with an exception when its tool is known; otherwise its text is dropped:
    /// it says nothing yet.
    /// </summary>
    /// <param name="cut">
    /// Whether a limit ended the answer. What may be the beginning of a mark is then dropped; of an answer that ended by itself it is text.
    /// </param>
    public IReadOnlyList<AIContent> Finish(bool cut = false)
    {
        do
        {
            FinishCall();
            Read();
        }
        while (InCall && _pending.Count > 0);
        ReadOnlySpan<char> rest = Pending;
        if (cut)
            rest = rest[..^Marks.HeldLength(rest)];
        Say(rest);
        _pending.Clear();
        _contents.Finish();
        return _contents.Take();
    }

    private ReadOnlySpan<char> Pending => CollectionsMarshal.AsSpan(_pending);

    private MarkFinder Marks => InReasoning ? _marks.OfThoughts : _marks.OfText;

    // Of an answer that is to be JSON, only the beginning can be a call without marks.
    private bool MayBeBare => _bare is not null && !_repeatsPrompt && _place == (_isJson ? Place.Beginning : Place.Text);

    private Place Begin() => _isJson && !_contents.HasText ? Place.Beginning : Place.Text;

    private void Read()
    {
        while (_pending.Count > 0 && Step())
        {
        }
    }

    private bool Step() => _place switch
    {
        Place.Beginning => StepBeginning(),
        Place.Json => StepJson(),
        Place.Call => StepCall(),
        Place.BareCall => StepBareCall(),
        _ => StepText(),
    };

    private bool StepBeginning()
    {
        ReadOnlySpan<char> rest = Pending.TrimStart();
        if (rest.IsEmpty)
            return false;
        bool? isMarked = _marks.OfText.Begins(rest);
        if (isMarked is null)
            return false;
        if (isMarked.Value)
            _place = Place.Text;
        else if (rest[0] == '{' && MayBeBare)
            BeginBare(_pending.Count - rest.Length);
        else
            _place = Place.Json;
        return true;
    }

    private bool StepJson()
    {
        _contents.Say(Pending, isThought: false);
        _pending.Clear();
        return false;
    }

    private bool StepText()
    {
        ReadOnlySpan<char> text = Pending;
        (string Mark, int At)? found = Marks.First(text);
        int length = found?.At ?? text.Length - Marks.HeldLength(text);
        if (MayBeBare && _bare!.First(text[..length]) is { } at)
        {
            BeginBare(at);
            return true;
        }

        if (found is null && MayBeBare) // a fence into which a mark may reach is held back too: whichever it is becomes known
            length = Math.Min(length, _bare!.First(text) ?? text.Length - _bare.HeldLength(text));
        Say(text[..length]);
        _pending.RemoveRange(0, length + (found?.Mark.Length ?? 0));
        if (found is null)
            return false;
        _contents.Mark();
        GoBehind(found.Value.Mark);
        return true;
    }

    private void Say(ReadOnlySpan<char> text)
    {
        _contents.Say(text, InReasoning);
        if (!InReasoning)
            _bare?.Said(text);
    }

    private void GoBehind(string mark)
    {
        MarkMeaning meaning = _marks.Meaning(mark);
        if (meaning == MarkMeaning.ThoughtEnd && !InReasoning && _contents.HasText && _mayHaveThought)
            _contents.EndThought();
        if (meaning is MarkMeaning.Thought or MarkMeaning.ThoughtEnd)
            _mayHaveThought = meaning == MarkMeaning.Thought;
        _repeatsPrompt |= meaning == MarkMeaning.Prompt;
        if (meaning == MarkMeaning.Call)
            BeginCall(mark);
        else
            _place = meaning == MarkMeaning.Thought ? Place.Thought : Begin();
    }

    private void BeginCall(string mark)
    {
        _callInThought = InReasoning;
        _calls!.Begin(mark);
        _place = Place.Call;
    }

    private void BeginBare(int at)
    {
        Say(Pending[..at]);
        _pending.RemoveRange(0, at);
        _bare!.Begin();
        _place = Place.BareCall;
    }

    private bool StepCall()
    {
        CallProgress progress = _calls!.Read(Pending, out int taken);
        _pending.RemoveRange(0, taken);
        if (progress == CallProgress.None)
            _contents.Unmark();
        if (progress is CallProgress.None or CallProgress.Done)
            _place = progress == CallProgress.None && _callInThought ? Place.Thought : Begin();
        return progress != CallProgress.Wait;
    }

    private bool StepBareCall(bool isAll = false)
    {
        CallProgress progress = _bare!.Read(Pending, isAll, out int taken);
        if (progress == CallProgress.Wait)
            return false;
        if (progress == CallProgress.None && !_isJson)
            taken = _bare.Reject(Pending);
        _pending.RemoveRange(0, taken);
        _place = progress == CallProgress.None && _isJson ? Place.Json : Begin();
        return true;
    }

    private void FinishCall()
    {
        if (_place == Place.Beginning)
            _place = Place.Text;
        else if (_place == Place.BareCall)
            StepBareCall(isAll: true);
        else if (_place == Place.Call)
            BreakOff();
    }

    // What stands behind the name of a call that was broken off says nothing yet.
    private void BreakOff()
    {
        if (!_calls!.TryFinish(Pending) && _calls.UnfinishedName(Pending.TrimStart()) is { } name)
            _calls.BreakOff(name);
        _pending.Clear();
        _place = Place.Text;
    }
}
