using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.KvCache.Eviction;
using KvNorm.Tests.KvCache.State;

namespace KvNorm.Tests.Runtime;

/// <summary>Models whose queries are their keys: what is read of a token must be what the cache holds of it.</summary>
public sealed class QueryReaderTests
{
    private static readonly TinyModelSettings Mirrored = new() { QueriesAreKeys = true, Layers = 3 };

    [Theory]
    [InlineData("llama", 4, 2)]
    [InlineData("llama", 4, 4)]
    [InlineData("llama", 6, 1)]
    [InlineData("stablelm", 4, 2)]
    public void Decode_OneSequence_ReadsTheQueriesOfEveryLayerAndToken(string architecture, int heads, int keyValueHeads)
    {
        using LlamaModel model = TinyModel.Load(
            Mirrored with { Architecture = architecture, Heads = heads, KeyValueHeads = keyValueHeads });
        using LlamaContext context = new(model, new LlamaContextSettings(256, 64, 1, QueryWindow: 64));
        int position = 0;
        foreach (int count in new[] { 40, 1, 64, 1, 7 })
        {
            context.Sequences[0].Decode(Tokens(position, count), position, logits: true);
            position += count;
            AssertMirrored(context, 0, position, keyValueHeads);
        }

        QueryShape shape = new(heads, 32, (float)(1 / Math.Sqrt(32)));
        Assert.Equal([shape, shape, shape], context.Queries!.Shapes);
    }

    // llama.cpp computes such a batch in parts: so many tokens of each sequence as all have, then those of the others.
    [Theory]
    [InlineData(false)]
    [InlineData(true)] // as a whole, where they take cells of one pool
    public void Decode_SequencesOfDifferentLength_ReadsEachOnesOwn(bool unified)
    {
        using LlamaModel model = TinyModel.Load(Mirrored);
        using LlamaContext context = new(model, new LlamaContextSettings(256, 64, 1, Sequences: 4, QueryWindow: 64, Unified: unified));
        int[] positions = new int[4];
        foreach (int[] counts in new[] { new[] { 5, 0, 11, 1 }, [1, 1, 1, 1], [0, 20, 3, 0], [0, 0, 0, 2], [1, 0, 0, 17] })
        {
            context.Batch.Clear();
            for (int sequence = 0; sequence < 4; sequence++)
            {
                int[] tokens = Tokens(positions[sequence] + (50 * sequence), counts[sequence]);
                if (tokens.Length > 0)
                    context.Sequences[sequence].Stage(tokens, positions[sequence], true);
                positions[sequence] += counts[sequence];
            }

            context.Decode();
            for (int sequence = 0; sequence < 4; sequence++)
            {
                Assert.Equal(counts[sequence], context.Queries!.KeptOf(sequence));
                if (counts[sequence] > 0)
                    AssertMirrored(context, sequence, positions[sequence], 2);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Decode_MoreTokensThanTheWindow_KeepsTheLatestOfEachSequence(bool unified)
    {
        using LlamaModel model = TinyModel.Load(Mirrored);
        using LlamaContext context = new(model, new LlamaContextSettings(256, 64, 1, Sequences: 2, QueryWindow: 4, Unified: unified));
        context.Batch.Clear();
        context.Sequences[1].Stage(Tokens(70, 30), 0, true);
        context.Sequences[0].Stage(Tokens(0, 3), 0, true);
        context.Decode();
        Assert.Equal((3, 4), (context.Queries!.KeptOf(0), context.Queries.KeptOf(1)));
        AssertMirrored(context, 0, 3, 2);
        AssertMirrored(context, 1, 30, 2);
    }

    // Broken off before anything was read, somewhere in the middle of two graphs, or not at all.
    [Fact]
    public void Decode_BrokenOffAndRunAgain_ReadsOnce()
    {
        using LlamaModel model = TinyModel.Load(Mirrored with { Layers = 40 });
        for (int times = 1; times <= 512; times *= 2)
        {
            ThreadGovernor hurried = LlamaContextThreadsTests.Hurried(times);
            using LlamaContext context = new(model, new LlamaContextSettings(256, 16, 2, Sequences: 2, QueryWindow: 16), hurried);
            context.Sequences[0].Stage(Tokens(0, 4), 0, true);
            context.Sequences[1].Stage(Tokens(20, 2), 0, true);
            context.Decode();
            Assert.True(times > 1 || hurried.Plan(6).Threads == 1); // it was broken off
            AssertMirrored(context, 0, 4, 2);
            AssertMirrored(context, 1, 2, 2);
        }
    }

    [Fact]
    public void Decode_QueriesAreRead_LogitsAreThoseOfAContextThatReadsNone()
    {
        using LlamaContext without = new(EmbeddedModel.Model, new LlamaContextSettings(256, 64, 1));
        using LlamaContext with = new(EmbeddedModel.Model, new LlamaContextSettings(256, 64, 1, QueryWindow: 8));
        Assert.Null(without.Queries);
        foreach (LlamaContext context in new[] { without, with })
        {
            context.Sequences[0].Decode(Tokens(0, 60), 0, logits: false);
            context.Sequences[0].Decode(Tokens(60, 1), 60, logits: true);
        }

        Assert.Equal(without.Logits().ToArray(), with.Logits().ToArray());
    }

    private static int[] Tokens(int start, int count) => [.. Enumerable.Range(start, count).Select(EvictionRig.TokenAt)];

    // A token's query in head j of n is its key in head j / (n / KV heads), in every layer.
    private static void AssertMirrored(LlamaContext context, int sequence, int length, int keyValueHeads)
    {
        using StateBuffer buffer = new();
        context.Sequences[sequence].ReadState(buffer);
        SequenceState state = SequenceState.Parse(buffer);
        state.SortByPosition();
        QueryReader queries = context.Queries!;
        for (int layer = 0; layer < state.LayerCount; layer++)
        {
            QueryShape shape = queries.Shapes[layer]!;
            for (int index = 0; index < queries.KeptOf(sequence); index++)
            {
                int row = length - queries.KeptOf(sequence) + index;
                for (int head = 0; head < shape.Heads; head++)
                {
                    int keyHead = head / (shape.Heads / keyValueHeads);
                    AssertClose(
                        StateBlob.Halves(state.Keys(layer)).Slice((row * state.KeyRow(layer)) + (keyHead * shape.Length), shape.Length),
                        queries.Queries(layer, sequence, index).Slice(head * shape.Length, shape.Length));
                }
            }
        }
    }

    private static void AssertClose(ReadOnlySpan<Half> expected, ReadOnlySpan<Half> actual)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal((float)expected[i], (float)actual[i], 1e-2f);
    }
}
