namespace KvNorm.Evaluation.Tasks;

/// <summary>
/// Special tokens and punctuation first, then the most recent: the static part of FastGen (Ge et al. 2023, arXiv 2310.01801), as Devoto et
/// al. 2024 compare with it.
/// </summary>
/// <param name="isMark">Whether a token of the text is special or punctuation, by its number in the conversation, (tokens).</param>
internal sealed class MarkScorer(IReadOnlyList<bool> isMark) : KeyScorer
{
    public const string Name = "fastgen-static";

    public override bool NeedsKeys => false;

    /// <summary>A policy for a text, whose tokens only the evaluation knows.</summary>
    public static EvictionPolicy PolicyFor(EvaluationModel model, IReadOnlyList<int> tokens)
    {
        bool[] isMark = [.. tokens.Select(token => IsMark(model.TextOf(token)))];
        return EvictionPolicy.Custom(Name, _ => new MarkScorer(isMark));
    }

    public override void Score(in HeadRows rows, Span<float> scores)
    {
        for (int row = 0; row < rows.Count; row++)
        {
            int token = rows.Tokens[row];
            scores[row] = row + (token < isMark.Count && isMark[token] ? rows.Count : 0);
        }
    }

    // White space alone is neither.
    private static bool IsMark(string text) => text.Length == 0
        || (text.All(static c => char.IsPunctuation(c) || char.IsSymbol(c) || char.IsWhiteSpace(c)) && !string.IsNullOrWhiteSpace(text));
}
