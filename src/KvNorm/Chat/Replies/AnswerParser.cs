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

    private readonly ToolCallFormat? _format;
    private readonly ReasoningFormat? _reasoning;
    private readonly HashSet<string> _offered, _hidden;
    private readonly MarkFinder _textMarks, _thoughtMarks;
    private readonly AnswerContents _contents;
    private readonly CallReader? _calls;
    private readonly bool _isJson;
    private readonly List<char> _pending = [];
    private Place _place;
    private bool _callInThought;
    private bool _repeatsPrompt; // it wrote a hidden mark, so no JSON behind that is a call

    /// <summary>Reads an answer.</summary>
    /// <param name="format">How the model writes calls; null when none are expected, so that nothing is read as one.</param>
    /// <param name="reasoning">How it thinks; null when it does not.</param>
    /// <param name="tools">The tools that it was offered. A call of another is handed on: the caller answers that.</param>
    /// <param name="startsInReasoning">Whether the prompt opened a thought.</param>
    /// <param name="isJson">Whether what does not begin with a mark is JSON, in whose strings marks are text.</param>
    /// <param name="hidden">Marks that mean nothing here and are never shown, such as those that results are written with.</param>
    public AnswerParser(
        ToolCallFormat? format,
        ReasoningFormat? reasoning,
        IReadOnlyList<AIFunctionDeclaration> tools,
        bool startsInReasoning = false,
        bool isJson = false,
        IEnumerable<string>? hidden = null)
    {
        (_format, _reasoning, _isJson) = (format, reasoning, isJson);
        _hidden = [.. hidden ?? []];
        _offered = [.. tools.Select(static tool => tool.Name)];
        string[] starts = [.. format?.Starts ?? []];
        string[] thoughts = reasoning is null ? [] : [reasoning.Start, reasoning.End, .. reasoning.Silent];
        _textMarks = new MarkFinder([.. starts, .. format?.Dropped ?? [], .. _hidden, .. thoughts]);
        _thoughtMarks = new MarkFinder([.. starts, .. thoughts]);
        _contents = new AnswerContents(!_textMarks.IsEmpty);
        if (format is not null)
            _calls = new CallReader(format, tools, _contents);
        _place = startsInReasoning && reasoning is not null ? Place.Thought : Begin();
    }

    private enum Place
    {
        Beginning, // nothing was said yet: a call without marks may come, or JSON
        Text,
        Json,
        Thought,
        Call,
        BareCall,
    }

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
        FinishCall();
        if (_pending.Count > 0 && _place is not Place.Call)
        {
            Read();
            ReadOnlySpan<char> rest = Pending;
            if (cut)
                rest = rest[..^Marks.HeldLength(rest)];
            _contents.Say(rest, InReasoning);
        }

        _pending.Clear();
        _contents.Finish();
        return _contents.Take();
    }

    private ReadOnlySpan<char> Pending => CollectionsMarshal.AsSpan(_pending);

    private MarkFinder Marks => InReasoning ? _thoughtMarks : _textMarks;

    private bool MayBeBare => _format is { Bare: true } && !_repeatsPrompt;

    private Place NoCall => _isJson ? Place.Json : Place.Text;

    private Place Begin() => (MayBeBare || _isJson) && !_contents.HasText ? Place.Beginning : Place.Text;

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
        bool? isMarked = _isJson ? _textMarks.Begins(rest) : false;
        if (isMarked is null)
            return false;
        _place = isMarked.Value ? Place.Text : rest[0] == '{' && MayBeBare ? Place.BareCall : NoCall;
        if (_place == Place.BareCall)
            _calls!.BeginBare();
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
        _contents.Say(text[..length], InReasoning);
        _pending.RemoveRange(0, length + (found?.Mark.Length ?? 0));
        if (found is null)
            return false;
        _contents.Mark();
        GoBehind(found.Value.Mark);
        return true;
    }

    private void GoBehind(string mark)
    {
        if (_calls is not null && _format!.Starts.Contains(mark, StringComparer.Ordinal))
        {
            _callInThought = InReasoning;
            _calls.Begin(mark);
            _place = Place.Call;
        }
        else if (mark == _reasoning?.Start)
        {
            _place = Place.Thought;
        }
        else
        {
            _repeatsPrompt |= _hidden.Contains(mark);
            _place = Begin();
        }
    }

    private bool StepCall()
    {
        CallProgress progress = _calls!.Read(Pending, out int taken);
        _pending.RemoveRange(0, taken);
        if (progress == CallProgress.None)
            _contents.Unmark();
        if (progress is CallProgress.None or CallProgress.Done)
            _place = progress == CallProgress.None && _callInThought ? Place.Thought : Place.Text;
        return progress != CallProgress.Wait;
    }

    private bool StepBareCall()
    {
        int before = _pending.Count - Pending.TrimStart().Length;
        CallProgress progress = _calls!.ReadBare(Pending[before..], _offered, out int taken);
        if (progress == CallProgress.Done)
            _pending.RemoveRange(0, before + taken);
        if (progress != CallProgress.Wait)
            _place = progress == CallProgress.Done ? Place.Beginning : NoCall;
        return progress != CallProgress.Wait;
    }

    private void FinishCall()
    {
        if (_place is Place.Beginning)
            _place = Place.Text;
        if (!InCall)
            return;
        bool isBare = _place == Place.BareCall;
        string? name = _calls!.UnfinishedName(Pending.TrimStart());
        if (name is not null && (!isBare || _offered.Contains(name)))
            _calls.BreakOff(name);
        else if (isBare)
            _place = NoCall;
        if (!isBare || _place == Place.BareCall)
            _pending.Clear();
    }
}
