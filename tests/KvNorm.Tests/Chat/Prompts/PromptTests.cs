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
}
