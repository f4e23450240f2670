using KvNorm.Runtime;

namespace KvNorm.Tests.Runtime;

public sealed class StateBufferTests
{
    [Theory]
    [InlineData(0L, 11)]
    [InlineData(10L, 1)]
    [InlineData(11L, 0)]
    [InlineData(-1L, 1)]
    [InlineData(0L, -1)]
    [InlineData(9L, int.MaxValue)]
    [InlineData(1L << 40, 1)]
    public void Slice_OutsideTheLength_Throws(long offset, int length)
    {
        using StateBuffer buffer = new();
        buffer.Resize(100);
        buffer.Resize(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(offset, length).Length);
    }

    [Fact]
    public void Slice_NothingAllocated_IsEmptyAtMost()
    {
        using StateBuffer buffer = new();
        Assert.Equal(0, buffer.Length);
        Assert.Equal(0, buffer.Slice(0, 0).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(0, 1).Length);
    }

    [Fact]
    public void Resize_Smaller_KeepsTheBytes()
    {
        using StateBuffer buffer = Filled(10);
        buffer.Resize(4);
        Assert.Equal([0, 1, 2, 3], buffer.Slice(0, 4).ToArray());
        Assert.Equal(4, buffer.Length);
    }

    [Fact]
    public void Resize_Larger_GivesWritableBytes()
    {
        using StateBuffer buffer = Filled(10);
        buffer.Resize(1 << 20);
        buffer.Slice(0, 1 << 20).Fill(7);
        Assert.Equal(7, buffer.Slice((1 << 20) - 1, 1)[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Resize(-1));
    }

    [Theory]
    [InlineData(2, 0, 5, new byte[] { 2, 3, 4, 5, 6, 5, 6, 7, 8, 9 })]
    [InlineData(0, 2, 5, new byte[] { 0, 1, 0, 1, 2, 3, 4, 7, 8, 9 })]
    [InlineData(0, 5, 5, new byte[] { 0, 1, 2, 3, 4, 0, 1, 2, 3, 4 })]
    public void Move_OverlappingRanges_CopiesWhatWasThere(int from, int to, int length, byte[] expected)
    {
        using StateBuffer buffer = Filled(10);
        buffer.Move(from, to, length);
        Assert.Equal(expected, buffer.Slice(0, 10).ToArray());
    }

    [Fact]
    public void Move_BeyondTheEnd_Throws()
    {
        using StateBuffer buffer = Filled(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Move(0, 6, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Move(6, 0, 5));
    }

    [Fact]
    public void Slice_Disposed_Throws()
    {
        StateBuffer buffer = Filled(10);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Slice(0, 1).Length);
    }

    private static StateBuffer Filled(int length)
    {
        StateBuffer buffer = new();
        buffer.Resize(length);
        for (int i = 0; i < length; i++)
            buffer.Slice(i, 1)[0] = (byte)i;
        return buffer;
    }
}
