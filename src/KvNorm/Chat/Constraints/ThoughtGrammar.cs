using KvNorm.Chat.Dialects;
using KvNorm.Grammars;

namespace KvNorm.Chat.Constraints;

/// <summary>The reasoning that a model may have before an answer whose form is given.</summary>
internal static class ThoughtGrammar
{
    /// <summary>The grammar of the reasoning, with what stands between it and the answer.</summary>
    /// <param name="builder">Gets the rules.</param>
    /// <param name="reasoning">How the model reasons; null when it does not do so aloud.</param>
    /// <param name="beginning">Where the answer begins.</param>
    /// <returns>A sequence in GBNF; empty when the answer has no reasoning.</returns>
    public static string Before(GrammarBuilder builder, ReasoningFormat? reasoning, AnswerBeginning beginning)
    {
        if (reasoning is null || !(beginning.InReasoning || beginning.MayReason))
            return "";
        string between = reasoning.AfterEnd.Length == 0 ? "" : GrammarBuilder.Literal(reasoning.AfterEnd);
        string rest = $"{TextUntil.Define(builder, reasoning.End)} [\\n]{{0,2}} {between} ";
        return beginning.InReasoning ? rest : $"({GrammarBuilder.Literal(reasoning.Start)} {rest})? ";
    }

    /// <summary>The marks that may stand before the text of an answer.</summary>
    /// <returns>A sequence in GBNF; empty when the format has none.</returns>
    public static string AnswerStart(ReasoningFormat? reasoning) =>
        reasoning is { AnswerStarts: { Count: > 0 } starts } ? $"({string.Join(" | ", starts.Select(GrammarBuilder.Literal))})? " : "";
}
