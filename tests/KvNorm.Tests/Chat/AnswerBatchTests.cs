using KvNorm.Chat;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Chat;

public sealed class AnswerBatchTests : IDisposable
{
    private readonly SchedulerRig _rig = new(slots: 2);

    // Several answers are decoded together, so none of their callers can stop the decode: only the end of the client can.
    [Fact]
    public async Task Step_TheEndComes_StopsTheDecodeOfSeveralAnswers()
    {
        AnswerBatch batch = new(_rig.Pool, TimeProvider.System);
        AnswerStream[] streams = [Stream("hello"), Stream("the word")];
        Array.ForEach(streams, batch.Begin);
        batch.Step(new CancellationToken(canceled: true));
        foreach (AnswerStream stream in streams)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.Contents.Completion);
        Assert.Equal(0, _rig.Pool.Statistics.TokensSeen);
        Assert.True(_rig.Pool.HasFree);
    }

    [Theory]
    [InlineData("llama", true)]
    [InlineData("lfm2", false)] // whose state cannot go back to where the two differ
    public void WillHold_PromptsThatBeginInTheSameWay_WhereTheSecondCanUseIt(string architecture, bool expected)
    {
        using SchedulerRig rig = new(slots: 2, settings: TinyModelSettings.Of(architecture));
        AnswerBatch batch = new(rig.Pool, TimeProvider.System);
        string text = Conversation.Prose(20);
        batch.Begin(new AnswerStream(rig.Prepare(text + " one"), conversation: null, CancellationToken.None));
        Assert.Equal(expected, batch.WillHold(rig.Prepare(text + " two").Prompt.Tokens));
        batch.EndAll(static () => new OperationCanceledException());
    }

    public void Dispose() => _rig.Dispose();

    private AnswerStream Stream(string text) => new(_rig.Prepare(text), conversation: null, CancellationToken.None);
}
