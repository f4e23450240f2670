using KvNorm.Chat.Dialects;

namespace KvNorm.Chat.Replies;

/// <summary>The marks of an answer.</summary>
/// <param name="format">How the model writes calls; null when none are expected.</param>
/// <param name="reasoning">How it thinks; null when it does not.</param>
/// <param name="hidden">Marks that mean nothing and are never shown.</param>
internal sealed class AnswerMarks(ToolCallFormat? format, ReasoningFormat? reasoning, IEnumerable<string> hidden)
{
    private readonly HashSet<string> _starts = [.. format?.Starts ?? []], _hidden = [.. hidden];

    /// <summary>Gets those of text.</summary>
    public MarkFinder OfText { get; } =
        new([.. format?.Starts ?? [], .. format?.Dropped ?? [], .. hidden, .. reasoning?.Marks ?? []]);

    /// <summary>Gets those of thoughts.</summary>
    public MarkFinder OfThoughts { get; } = new([.. format?.Starts ?? [], .. reasoning?.Marks ?? []]);

    /// <summary>What a mark means.</summary>
    public MarkMeaning Meaning(string mark) =>
        _starts.Contains(mark) ? MarkMeaning.Call
        : mark == reasoning?.Start ? MarkMeaning.Thought
        : _hidden.Contains(mark) ? MarkMeaning.Prompt
        : mark == reasoning?.End && reasoning.AfterEnd.Length == 0 ? MarkMeaning.ThoughtEnd // else all messages end so
        : MarkMeaning.None;
}
