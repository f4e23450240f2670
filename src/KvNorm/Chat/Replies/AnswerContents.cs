using System.Text;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Replies;

/// <summary>Collects what an answer says. White space beside a mark belongs to the mark; elsewhere it is text.</summary>
/// <param name="marks">Whether there are marks at all; without them nothing is held back.</param>
internal sealed class AnswerContents(bool marks)
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _space = new(); // at the end of the text so far
    private List<AIContent> _contents = [];
    private bool _isThought, _afterMark;
    private string _lost = "";

    /// <summary>Gets whether there was text of the answer.</summary>
    public bool HasText { get; private set; }

    /// <summary>Gets the white space at the end of the answer's text so far, which is held back: a mark may follow.</summary>
    public string HeldSpace => _isThought || !HasText ? "" : _space.ToString(); // before any text it may be that of a thought's mark

    /// <summary>Takes text.</summary>
    public void Say(ReadOnlySpan<char> text, bool isThought)
    {
        if (_afterMark)
            text = text.TrimStart();
        if (text.IsEmpty)
            return;
        _afterMark = false;
        if (isThought != _isThought)
            Flush();
        _isThought = isThought;
        int length = marks ? text.TrimEnd().Length : text.Length;
        if (length > 0)
        {
            _text.Append(_space).Append(text[..length]);
            _space.Clear();
            HasText |= !isThought;
        }

        _space.Append(text[length..]);
    }

    /// <summary>A mark stands here: what was said before it is a content of its own, or both sides may read like a mark together.</summary>
    public void Mark()
    {
        Flush();
        _lost = _space.ToString();
        _space.Clear();
        _afterMark = true;
    }

    /// <summary>The last mark was none: the white space before it comes back.</summary>
    public void Unmark()
    {
        _space.Append(_lost);
        _afterMark = false;
    }

    /// <summary>The mark ends a thought, although none was begun: another thing follows.</summary>
    public void EndThought() => _contents.Add(UnopenedThought.End());

    /// <summary>Takes a call.</summary>
    public void Call(FunctionCallContent call)
    {
        Flush();
        _contents.Add(call);
        Mark();
    }

    /// <summary>No more text comes: white space at the end is text.</summary>
    public void Finish()
    {
        _text.Append(_space);
        _space.Clear();
    }

    /// <summary>Hands over what was said since the last time.</summary>
    public IReadOnlyList<AIContent> Take()
    {
        Flush();
        List<AIContent> taken = _contents;
        _contents = [];
        return taken;
    }

    private void Flush()
    {
        if (_text.Length > 0)
            _contents.Add(_isThought ? new TextReasoningContent(_text.ToString()) : new TextContent(_text.ToString()));
        _text.Clear();
    }
}
