using System.Buffers.Binary;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;

namespace KvNorm.Tests.Runtime;

public sealed class LlamaContextStateTests : IDisposable
{
    private const int CellCountOffset = 12;
    private const int FirstSequenceCountOffset = 20;

    private readonly LlamaModel _model = TinyModel.Load();
    private readonly LlamaContext _context;
    private readonly StateBuffer _state = new();
    private readonly float[] _next; // logits after the 21st token

    public LlamaContextStateTests()
    {
        _context = new LlamaContext(_model, new LlamaContextSettings(256, 64, 1));
        Read(20);
        _context.Sequences[0].ReadState(_state);
        _next = Next();
        _context.Sequences[0].Clear();
    }

    public void Dispose()
    {
        _state.Dispose();
        _context.Dispose();
        _model.Dispose();
    }

    [Fact]
    public void WriteState_WhatWasRead_ChangesNoLogit()
    {
        _context.Sequences[0].WriteState(_state);
        Assert.Equal(_next, Next());
    }

    [Fact]
    public void WriteState_OverOtherTokens_ReplacesThem()
    {
        _context.Sequences[0].Decode([.. Enumerable.Range(0, 60).Select(static i => 250 - i)], 0, logits: false);
        _context.Sequences[0].WriteState(_state);
        Assert.Equal(_state.Length, _context.Sequences[0].StateSize());
        Assert.Equal(_next, Next());
    }

    [Fact]
    public void WriteState_IntoAnotherContext_CarriesTheConversation()
    {
        using LlamaContext other = new(_model, new LlamaContextSettings(512, 64, 1));
        other.Sequences[0].WriteState(_state);
        other.Sequences[0].Decode([99], 20, logits: true);
        Assert.Equal(_next, other.Logits().ToArray());
    }

    [Theory]
    [InlineData(0, 0u)]
    [InlineData(8, 2u)]
    [InlineData(CellCountOffset, 257u)]
    [InlineData(CellCountOffset, 0xFFFFFFFFu)]
    [InlineData(FirstSequenceCountOffset, 0x7FFFFFFFu)]
    public void WriteState_DamagedField_ThrowsAndContextGoesOn(int offset, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_state.Slice(offset, 4), value);
        AssertRefused();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(100)]
    [InlineData(300)]
    [InlineData(5000)]
    public void WriteState_Truncated_ThrowsAndContextGoesOn(int length)
    {
        _state.Resize(length);
        AssertRefused();
    }

    [Fact]
    public void WriteState_MoreCellsThanTheCacheHas_ThrowsAndContextGoesOn()
    {
        using LlamaContext large = new(_model, new LlamaContextSettings(512, 512, 1));
        large.Sequences[0].Decode([.. Enumerable.Repeat(42, 300)], 0, logits: false);
        large.Sequences[0].ReadState(_state);
        AssertRefused();
    }

    [Fact]
    public void AnyMember_ContextDisposed_Throws()
    {
        LlamaContext context = new(_model, new LlamaContextSettings(256, 64, 1));
        context.Dispose();
        Assert.Throws<ObjectDisposedException>(context.Sequences[0].Clear);
        Assert.Throws<ObjectDisposedException>(() => context.Sequences[0].RemoveFrom(0));
        Assert.Throws<ObjectDisposedException>(() => context.Sequences[0].Remove(0, 1));
        Assert.Throws<ObjectDisposedException>(() => context.Sequences[0].LowestPosition());
        Assert.Throws<ObjectDisposedException>(() => context.Sequences[0].StateSize());
        Assert.Throws<ObjectDisposedException>(() => context.Sequences[0].Decode([1], 0, logits: false));
    }

    private void AssertRefused()
    {
        long empty = _context.Sequences[0].StateSize();
        Read(5);
        LlamaException exception = Assert.Throws<LlamaException>(() => _context.Sequences[0].WriteState(_state));
        Assert.Equal("llama_state_seq_set_data", exception.Function);
        Assert.Equal(empty, _context.Sequences[0].StateSize());
        Read(20);
        Assert.Equal(_next, Next());
    }

    private void Read(int count) =>
        _context.Sequences[0].Decode([.. Enumerable.Range(0, count).Select(static i => 10 + ((i * 37) % 250))], 0, logits: false);

    private float[] Next()
    {
        _context.Sequences[0].Decode([99], 20, logits: true);
        return _context.Logits().ToArray();
    }
}
