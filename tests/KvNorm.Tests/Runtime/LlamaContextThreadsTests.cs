using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Runtime;

/// <summary>A decode that is broken off because it takes too long, and run again, gives what it would have given.</summary>
public sealed class LlamaContextThreadsTests
{
    [Fact]
    public void Decode_ThreadsThatFollowTheMachine_GivesTheLogitsOfAFixedNumber()
    {
        // Below 256 cells the rounding does not depend on the number of threads, so neither trials nor broken off decodes may show.
        using LlamaContext pinned = new(EmbeddedModel.Model, new LlamaContextSettings(256, 16, 1));
        using LlamaContext free = new(EmbeddedModel.Model, new LlamaContextSettings(256, 16, new ThreadCount(2, 1)));
        for (int position = 0; position < 60; position++)
        {
            int token = 1000 + (position * 37);
            pinned.Sequences[0].Decode([token], position, logits: true);
            free.Sequences[0].Decode([token], position, logits: true);
            Assert.Equal(pinned.Logits().ToArray(), free.Logits().ToArray());
        }
    }

    [Fact]
    public void Decode_BrokenOffByItsLimit_RunsAgainToTheSameLogits()
    {
        ThreadGovernor hurried = Hurried();
        Assert.True(hurried.Plan(6).Limit < TimeSpan.FromMicroseconds(100)); // shorter than any decode
        using LlamaContext calm = new(EmbeddedModel.Model, new LlamaContextSettings(256, 16, 1, Sequences: 2));
        using LlamaContext context = new(EmbeddedModel.Model, new LlamaContextSettings(256, 16, 2, Sequences: 2), hurried);
        Assert.Equal(Decode(calm), Decode(context));
        Assert.Equal(1, hurried.Plan(6).Threads);
        Assert.Equal(2, context.Sequences.Count(static sequence => sequence.LowestPosition() == 0));
    }

    // A prompt that takes longer than its caller waits would begin anew each time.
    [Fact]
    public void Decode_CancelledInsideARecurrentModel_RunsToItsEnd()
    {
        using LlamaModel model = TinyModel.Load(TinyModelSettings.Of("lfm2"));
        using CancellationTokenSource source = new();
        StoppedClock clock = new();
        using LlamaContext context = new(model, new LlamaContextSettings(256, 16, 2), new ThreadGovernor(2, 1, clock));
        DecodeEach(context, 20);
        clock.Asked = source.Cancel; // when the threads are chosen: behind the last look at the token before the decode
        context.Sequences[0].Decode([30], 20, logits: true, source.Token);
        Assert.True(source.IsCancellationRequested);
        Assert.True(context.Sequences[0].RemoveFrom(21));
        context.Sequences[0].Decode([31], 21, logits: true);
        float[] logits = context.Logits().ToArray();
        context.Sequences[0].Clear();
        DecodeEach(context, 22);
        Assert.Equal(context.Logits().ToArray(), logits);
    }

    /// <summary>One that breaks off the first decode of six tokens after some 40 microseconds, or so many times as much.</summary>
    internal static ThreadGovernor Hurried(int times = 1)
    {
        ThreadGovernor hurried = new(2, 1, new StoppedClock()); // so that more threads are not tried again
        for (int i = 0; i < 10; i++)
        {
            hurried.Plan(1);
            hurried.Observe(TimeSpan.FromMicroseconds(i == 0 ? 2 * times : times), brokenOff: false);
        }

        Assert.Equal(2, hurried.Plan(6).Threads);
        return hurried;
    }

    private static float[] Decode(LlamaContext context)
    {
        context.Batch.Clear();
        foreach (LlamaSequence sequence in context.Sequences)
            sequence.Stage([500, 501, 502], 0, logits: true);
        context.Decode();
        return context.Logits().ToArray();
    }

    private static void DecodeEach(LlamaContext context, int tokens)
    {
        for (int position = 0; position < tokens; position++)
            context.Sequences[0].Decode([10 + position], position, logits: true);
    }

    private sealed class StoppedClock : TimeProvider
    {
        public Action? Asked { get; set; }

        public override long GetTimestamp()
        {
            Asked?.Invoke();
            return 0;
        }
    }
}
