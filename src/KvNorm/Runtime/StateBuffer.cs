using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KvNorm.Runtime;

/// <summary>
/// Native memory for a sequence's state, which may pass the 2 GiB of a managed array. Grows, never shrinks: one is kept for all evictions.
/// </summary>
internal sealed unsafe class StateBuffer : SafeHandleZeroOrMinusOneIsInvalid
{
    private long _capacity;

    public StateBuffer()
        : base(ownsHandle: true)
    {
    }

    /// <summary>Bytes in use; everything is checked against it.</summary>
    public long Length { get; private set; }

    /// <summary>Makes room for so many bytes, so that <see cref="Resize"/> up to there keeps what is in the buffer. Empties it.</summary>
    public void Reserve(long length)
    {
        Resize(length);
        Length = 0;
    }

    /// <summary>
    /// Sets <see cref="Length"/>, with the bytes up to the old one kept when it shrinks and undefined when it grows past the capacity.
    /// </summary>
    public void Resize(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > _capacity)
        {
            NativeMemory.Free((void*)handle);
            SetHandle(0);
            _capacity = 0;
            Length = 0;
            SetHandle((nint)NativeMemory.Alloc((nuint)length));
            _capacity = length;
        }

        Length = length;
    }

    /// <summary>The bytes [offset, offset + length).</summary>
    public Span<byte> Slice(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Length);
        return new Span<byte>((byte*)handle + offset, length);
    }

    /// <summary>Moves bytes inside the buffer; the ranges may overlap.</summary>
    public void Move(long from, long to, int length) => Slice(from, length).CopyTo(Slice(to, length));

    /// <summary>Takes over the bytes of another buffer.</summary>
    public void CopyFrom(StateBuffer other)
    {
        Resize(other.Length);
        Buffer.MemoryCopy(other.Pointer, Pointer, Length, Length);
    }

    /// <summary>The address, for the native calls in this folder.</summary>
    internal byte* Pointer => (byte*)handle;

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }
}
