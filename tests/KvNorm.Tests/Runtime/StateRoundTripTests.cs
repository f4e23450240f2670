using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Runtime;

public sealed class StateRoundTripTests
{
    [Theory]
    [InlineData("llama")]
    [InlineData("gemma3")]
    public void Verify_ModelsOfThisRelease_Pass(string architecture)
    {
        using LlamaModel model = TinyModel.Load(new TinyModelSettings { Architecture = architecture });
        using LlamaContext context = new(model, new LlamaContextSettings(256, 8, 1));
        context.Sequences[0].Decode([5, 6, 7], 0, logits: false);
        StateRoundTrip.Verify(context.Sequences[0]);
        Assert.Equal(0, context.Sequences[0].LowestPosition());
    }

    [Fact]
    public void AreEqual_AnyByteDiffers_IsFalse()
    {
        using StateBuffer one = new(), other = new(), shorter = new();
        one.Resize(16);
        one.Slice(0, 16).Fill(7);
        other.CopyFrom(one);
        Assert.True(StateRoundTrip.AreEqual(one, other));
        for (int i = 0; i < 16; i++)
        {
            other.CopyFrom(one);
            other.Slice(i, 1)[0]++;
            Assert.False(StateRoundTrip.AreEqual(one, other));
        }

        shorter.Resize(15);
        shorter.Slice(0, 15).Fill(7);
        Assert.False(StateRoundTrip.AreEqual(one, shorter));
    }
}
