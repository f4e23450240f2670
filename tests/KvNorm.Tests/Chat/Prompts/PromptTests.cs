using KvNorm.Chat.Prompts;

namespace KvNorm.Tests.Chat.Prompts;

public sealed class PromptTests
{
    // Tokens 2 and 3 are the last user message, 4 and 5 a call, 6 and 7 its result, 8 begins the answer.
    [Theory]
    [InlineData(0, new[] { 2, 3 })]
    [InlineData(2, new[] { 2, 3 })]
    [InlineData(6, new[] { 2, 3, 6, 7 })]
    [InlineData(8, new[] { 2, 3 })]
    public void Question_TokensHeld_IsTheLastUserMessageAndWhatIsNew(int held, int[] expected) =>
        Assert.Equal(expected, new Prompt([0, 1, 2, 3, 4, 5, 6, 7, 8], 1, 2, 4, 8).Question(held));

    // 10 to 19 are the text of the last user message, from 30 on the answer begins.
    [Theory]
    [InlineData(0, new[] { 4, 8, 21 }, 8)]
    [InlineData(6, new[] { 4, 8, 21 }, 8)]
    [InlineData(9, new[] { 4, 8, 21 }, 10)]  // the turn before is held to its end
    [InlineData(0, new int[0], 10)]
    [InlineData(20, new[] { 4, 8, 21 }, 21)] // results of tools
    [InlineData(20, new[] { 4, 8 }, 20)]
    [InlineData(20, new[] { 31 }, 20)]
    public void QuestionStart_TurnsWithAnEnd_IsAfterTheTurnBefore(int held, int[] turnEnds, int expected) =>
        Assert.Equal(expected, new Prompt(new int[32], 1, 10, 20, 30) { TurnEnds = turnEnds }.QuestionStart(held));
}
