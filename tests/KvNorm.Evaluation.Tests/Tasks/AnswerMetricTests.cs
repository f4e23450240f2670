using KvNorm.Evaluation.Tasks;

namespace KvNorm.Evaluation.Tests.Tasks;

public sealed class AnswerMetricTests
{
    [Theory]
    [InlineData(" 1234567.", new[] { "1234567" }, 1)]
    [InlineData("123456", new[] { "1234567" }, 0)]
    [InlineData("ABC and def", new[] { "abc", "def", "ghi", "jkl" }, 0.5)]
    [InlineData("", new[] { "x" }, 0)]
    public void StringMatchAll_Answers_IsTheShareThatStandsThere(string answer, string[] expected, double score) =>
        Assert.Equal(score, AnswerMetric.StringMatchAll.Score(answer, expected));

    [Theory]
    [InlineData(" 1234567.", new[] { "1234567" }, 1)]
    [InlineData("1234567", new[] { "1234567" }, 1)]
    [InlineData(" 12345677.", new[] { "1234567" }, 0)]
    [InlineData(" 01234567", new[] { "1234567" }, 0)]
    [InlineData(" 12345677, no, 1234567", new[] { "1234567" }, 1)] // in a longer one first
    [InlineData("Rockets", new[] { "rocket" }, 0)]
    [InlineData("(rocket)", new[] { "Rocket" }, 1)]
    [InlineData("it is C++17", new[] { "C++" }, 1)] // it ends with no letter or digit
    [InlineData("1, 2 and 33", new[] { "1", "2", "3" }, 2.0 / 3)]
    [InlineData("", new[] { "x" }, 0)]
    public void Exact_Answers_IsTheShareThatStandsThereAsAWhole(string answer, string[] expected, double score) =>
        Assert.Equal(score, AnswerMetric.Exact.Score(answer, expected), 1e-9);

    [Theory]
    [InlineData("eat a sandwich", "eat a sandwich and sit in Dolores Park", 2.0 / 7)] // without the article
    [InlineData("Sit in Dolores Park, and eat the sandwich!", "eat a sandwich and sit in Dolores Park", 1)]
    [InlineData("", "eat", 0)]
    public void SharedWords_Answers_IsTheShareOfTheRightWords(string answer, string expected, double score) =>
        Assert.Equal(score, AnswerMetric.SharedWords.Score(answer, [expected]), 1e-9);

    [Theory]
    [InlineData("the cat sat", new[] { "cat sat" }, 1)]
    [InlineData("cat cat dog", new[] { "cat dog bird" }, 2.0 / 3)]
    [InlineData("cat", new[] { "dog", "cat" }, 1)]
    [InlineData("horse", new[] { "dog", "cat" }, 0)]
    public void F1_Answers_IsTheBestHarmonicMean(string answer, string[] expected, double score) =>
        Assert.Equal(score, AnswerMetric.F1.Score(answer, expected), 1e-9);

    [Theory]
    [InlineData("police killed gunman", "police kill gunman", 2.0 / 3)]
    [InlineData("gunman kill police", "police kill gunman", 1.0 / 3)]
    [InlineData("one two three four", "two four", 2.0 / 3)]
    [InlineData("", "two four", 0)]
    public void RougeL_Answers_IsTheLongestCommonSubsequence(string answer, string expected, double score) =>
        Assert.Equal(score, AnswerMetric.RougeL.Score(answer, [expected]), 1e-9);
}
