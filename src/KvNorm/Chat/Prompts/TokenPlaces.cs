using System.Text;
using KvNorm.KvCache.Eviction;
using KvNorm.Runtime;

namespace KvNorm.Chat.Prompts;

/// <summary>
/// Finds the tokens at places in the text of a prompt. It goes on from the place before where that lies in the same unit, so that places
/// that ascend are found in one pass.
/// </summary>
/// <param name="units">The units of the prompt, with the numbers of their tokens.</param>
/// <param name="tokens">All tokens.</param>
/// <param name="vocabulary">The model's tokens.</param>
internal sealed class TokenPlaces(List<PromptUnit> units, List<int> tokens, LlamaVocabulary vocabulary)
{
    private int _unit = -1, _at; // the unit of the last place, and that place
    private int _token, _bytes;  // the token in which it lies, and how many bytes of that stand before it

    /// <summary>The tokens of a piece of the text, those that cross its ends among them; none where it is empty.</summary>
    public TokenRange Between(int start, int end)
    {
        int first = Before(start, whole: true), last = end > start ? Before(end, whole: false) : first;
        return new TokenRange(first, Math.Max(first, last));
    }

    /// <summary>How many tokens lie before a place in the text, with or without the one that crosses it.</summary>
    public int Before(int place, bool whole)
    {
        int index = units.FindIndex(_unit >= 0 && place >= _at ? _unit : 0, unit => unit.End > place);
        if (index < 0)
            return tokens.Count;
        PromptUnit unit = units[index];
        if (unit.IsSpecial || unit.Start >= place)
            return unit.FirstToken;
        int last = index + 1 < units.Count ? units[index + 1].FirstToken : tokens.Count;
        GoTo(index, place, last);
        return whole || _bytes == 0 || _token == last ? _token : _token + 1;
    }

    private void GoTo(int index, int place, int last)
    {
        PromptUnit unit = units[index];
        if (index != _unit || place < _at)
            (_unit, _at, _token, _bytes) = (index, unit.Start, unit.FirstToken, 0);
        _bytes += Encoding.UTF8.GetByteCount(unit.Text.AsSpan(_at - unit.Start, place - _at));
        _at = place;
        for (; _token < last; _token++)
        {
            int length = vocabulary.PieceBytes(tokens[_token]).Length;
            if (_bytes < length)
                return;
            _bytes -= length;
        }
    }
}
