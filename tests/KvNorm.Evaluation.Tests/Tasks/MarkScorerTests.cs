using KvNorm.Evaluation.Tasks;
using KvNorm.Evaluation.Tests.Models;

namespace KvNorm.Evaluation.Tests.Tasks;

public sealed class MarkScorerTests
{
    [Fact]
    public void Score_MarksFirst_ThenTheMostRecent()
    {
        ScriptedModel model = new(null, 0, "<|im_start|>");
        int[] tokens = [model.FindSpecialToken("<|im_start|>")!.Value, .. model.Tokenize("Hello, my friend.\nHow + why?")];
        KeyScorer scorer = MarkScorer.PolicyFor(model, tokens).CreateScorer(1);
        int[] held = [.. Enumerable.Range(0, tokens.Length + 2)]; // a question's tokens come after the text's
        HeadRows rows = new() { Layer = 0, Head = 0, Count = held.Length, FirstNew = 0, KeyLength = 1, ValueLength = 1, Tokens = held };
        float[] scores = new float[held.Length];
        scorer.Score(rows, scores);
        IEnumerable<int> best = held.OrderByDescending(row => scores[row]);
        string[] order = [.. best.Select(row => row < tokens.Length ? model.Word(tokens[row]) : "(question)")];
        Assert.Equal(
            ["?", " +", ".", ",", "<|im_start|>", "(question)", "(question)", " why", "\nHow", " friend", " my", "Hello"], order,
            StringComparer.Ordinal);
    }
}
