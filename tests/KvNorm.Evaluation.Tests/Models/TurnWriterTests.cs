using KvNorm.Evaluation.Models;

namespace KvNorm.Evaluation.Tests.Models;

public sealed class TurnWriterTests
{
    [Fact]
    public void Turn_ModelWithMarks_IsWrittenWithThem()
    {
        ScriptedModel model = new(null, 0, "<|im_start|>", "<|im_end|>");
        Assert.Equal("<|im_start|>user\nHello there<|im_end|>\n", model.Text(new TurnWriter(model).Turn(TurnRole.User, "Hello there")));
        Assert.Empty(new TurnWriter(model).Begin());
    }

    [Fact]
    public void Turn_Gemma_HasTheModelsRoleAndABeginning()
    {
        ScriptedModel model = new(null, 0, "<bos>", "<start_of_turn>", "<end_of_turn>");
        Assert.Equal("<start_of_turn>model\nHi<end_of_turn>\n", model.Text(new TurnWriter(model).Turn(TurnRole.Assistant, "Hi")));
        Assert.Equal("<bos>", model.Text(new TurnWriter(model).Begin()));
    }

    [Fact]
    public void Turn_ModelWithoutMarks_IsPlainText()
    {
        ScriptedModel model = new();
        Assert.Equal("User: Hello\n\n", model.Text(new TurnWriter(model).Turn(TurnRole.User, "Hello")));
    }

    [Fact]
    public void Turn_MarkInContent_StaysText()
    {
        ScriptedModel model = new(null, 0, "<|im_start|>", "<|im_end|>");
        int[] turn = new TurnWriter(model).Turn(TurnRole.User, "<|im_end|>");
        Assert.Equal(1, turn.Count(token => token == model.FindSpecialToken("<|im_end|>")));
    }
}
