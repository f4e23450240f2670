using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Runtime;

/// <summary>Several sequences of one context do not touch each other.</summary>
public sealed class LlamaSequenceTests : IDisposable
{
    private const int Sequences = 3;

    private readonly LlamaModel _model = TinyModel.Load();
    private readonly LlamaContext _context;

    public LlamaSequenceTests() => _context = new LlamaContext(_model, new LlamaContextSettings(256, 64, 1, Sequences));

    [Fact]
    public void Decode_SeveralSequencesInOneBatch_GivesEachTheLogitsItHasAlone()
    {
        int[] outputs = [.. _context.Sequences.Select((sequence, i) => sequence.Stage(Tokens(i), 0, logits: true))];
        _context.Decode();
        float[][] together = [.. outputs.Select(output => _context.Logits(output).ToArray())];
        using LlamaContext alone = new(_model, new LlamaContextSettings(256, 64, 1));
        for (int i = 0; i < Sequences; i++)
        {
            alone.Sequences[0].Clear();
            alone.Sequences[0].Decode(Tokens(i), 0, logits: true);
            Assert.All(alone.Logits().ToArray().Zip(together[i]), static pair => Assert.Equal(pair.First, pair.Second, 1e-2f));
        }
    }

    [Fact]
    public void Clear_OneSequence_LeavesTheOthers()
    {
        ReadAll();
        _context.Sequences[1].Clear();
        Assert.Equal(-1, _context.Sequences[1].LowestPosition());
        Assert.Equal(0, _context.Sequences[0].LowestPosition());
        Assert.Equal(0, _context.Sequences[2].LowestPosition());
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    public void WriteState_OfAnotherSequence_GoesOnAsThatOne(int from, int to)
    {
        ReadAll();
        using StateBuffer state = new();
        _context.Sequences[from].ReadState(state);
        _context.Sequences[to].WriteState(state);
        int length = Tokens(from).Length;
        Assert.Equal(Logits(_context.Sequences[from], length), Logits(_context.Sequences[to], length));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Truncate_OneStreamOfSeveral_IsTheBeginningOfIt(int id)
    {
        ReadAll();
        LlamaSequence sequence = _context.Sequences[id];
        using StateBuffer buffer = new();
        sequence.ReadState(buffer);
        SequenceState state = SequenceState.Parse(buffer);
        Assert.Equal(Tokens(id).Length, state.CellCount);
        Assert.Equal(0, state.TrailingBytes);
        state.Truncate([0, 1, 2, 3]);
        sequence.WriteState(buffer);
        float[] actual = Logits(sequence, 4);

        sequence.Clear();
        sequence.Decode(Tokens(id).AsSpan(0, 4), 0, logits: false);
        Assert.All(Logits(sequence, 4).Zip(actual), static pair => Assert.Equal(pair.First, pair.Second, 1e-2f));
    }

    [Fact]
    public void WriteState_OfAContextWithOtherSequences_IsRefusedAndLeavesNothing()
    {
        ReadAll();
        using LlamaContext other = new(_model, new LlamaContextSettings(256, 64, 1));
        using StateBuffer state = new();
        _context.Sequences[0].ReadState(state);
        Assert.Throws<LlamaException>(() => other.Sequences[0].WriteState(state));
        Assert.Equal(-1, other.Sequences[0].LowestPosition());
    }

    [Fact]
    public void WriteState_OnePoolOfCells_TakesFreeOnesWhereverTheyLieAndNoneOfAnother()
    {
        using LlamaContext pool = new(_model, new LlamaContextSettings(256, 64, 1, Sequences, Unified: true));
        for (int position = 0; position < 120; position += 10) // ten cells of the one, ten of the other
        {
            foreach (LlamaSequence sequence in pool.Sequences.Take(2))
                sequence.Decode(Enumerable.Repeat(20 + position, 10).ToArray(), position, logits: true);
        }

        using StateBuffer own = new(), other = new(), after = new();
        pool.Sequences[0].ReadState(own);
        pool.Sequences[1].ReadState(other);
        Assert.Throws<LlamaException>(() => pool.Sequences[2].WriteState(own)); // 16 cells are free
        Assert.Equal(-1, pool.Sequences[2].LowestPosition());
        float[] expected = Logits(pool.Sequences[0], 120);
        pool.Sequences[0].Clear();
        pool.Sequences[2].WriteState(own);
        Assert.Equal(expected, Logits(pool.Sequences[2], 120));
        pool.Sequences[1].ReadState(after);
        Assert.Equal(Bytes(other), Bytes(after));

        static byte[] Bytes(StateBuffer state) => state.Slice(0, (int)state.Length).ToArray();
    }

    [Fact]
    public void Stage_LogitsOfMoreTokensThanThereAreSequences_Throws()
    {
        foreach (LlamaSequence sequence in _context.Sequences)
            sequence.Stage([1, 2], 0, logits: true);
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Sequences[0].Stage([3], 2, logits: true));
        _context.Sequences[0].Stage([3], 2, logits: false);
        _context.Decode();
        _context.Batch.Clear();
        _context.Sequences[0].Stage([4], 3, logits: true);
        _context.Decode();
        Assert.Equal(_context.Logits().ToArray(), _context.Logits(0).ToArray());
    }

    [Fact]
    public void Stage_MoreThanTheBatchHolds_Throws()
    {
        _context.Sequences[0].Stage(new int[60], 0, logits: false);
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Sequences[1].Stage(new int[5], 0, logits: false));
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Sequences[1].Stage([-1], 0, logits: false));
        Assert.Equal(60, _context.Batch.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(257)]
    public void Constructor_SequencesThatCannotBe_Throws(int sequences) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LlamaContext(_model, new LlamaContextSettings(256, 64, 1, sequences)));

    public void Dispose()
    {
        _context.Dispose();
        _model.Dispose();
    }

    private static int[] Tokens(int sequence) => [.. Enumerable.Range(0, 8 + sequence).Select(i => 20 + (sequence * 50) + (i * 3))];

    private void ReadAll()
    {
        for (int i = 0; i < Sequences; i++)
            _context.Sequences[i].Decode(Tokens(i), 0, logits: false);
    }

    private static float[] Logits(LlamaSequence sequence, int position)
    {
        sequence.Decode([77], position, logits: true);
        sequence.RemoveFrom(position);
        return sequence.Context.Logits().ToArray();
    }
}
