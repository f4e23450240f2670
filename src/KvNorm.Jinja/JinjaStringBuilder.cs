using System.Text;

namespace KvNorm.Jinja;

/// <summary>Builds a text piece by piece, with the provenance of each and within the limits of a run.</summary>
internal sealed class JinjaStringBuilder(JinjaRun run)
{
    private readonly StringBuilder _text = new();
    private readonly List<int> _flips = [];
    private bool _first = true;

    public int Length => _text.Length;

    private bool Last => _first ^ ((_flips.Count & 1) == 1);

    public void Append(JinjaString text)
    {
        if (text.Length > 0)
            Append(text, 0, text.Length);
    }

    public void Append(JinjaString text, int start, int end)
    {
        foreach ((int from, int to, bool fromTemplate) in text.Parts(start, end))
            Append(text.Text.AsSpan(from, to - from), fromTemplate);
    }

    public void Append(ReadOnlySpan<char> text, bool fromTemplate)
    {
        if (text.IsEmpty)
            return;
        run.ChargeText((long)_text.Length + text.Length, text.Length);
        if (_text.Length == 0)
            _first = fromTemplate;
        else if (Last != fromTemplate)
            _flips.Add(_text.Length);
        _text.Append(text);
    }

    public void AppendRepeated(JinjaString text, long count)
    {
        run.CheckText(_text.Length + (long)text.Length * Math.Max(count, 0));
        for (long i = 0; i < count && text.Length > 0; i++)
            Append(text);
    }

    public JinjaString ToJinjaString() => new(_text.ToString(), _first, [.. _flips]);

    public IReadOnlyList<JinjaText> ToPieces()
    {
        JinjaString whole = ToJinjaString();
        return [.. whole.Parts(0, whole.Length).Select(part => new JinjaText(whole.Text[part.Start..part.End], part.FromTemplate))];
    }
}
