using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KvNorm.Runtime;

/// <summary>
/// What llama.cpp's CPU code asks between the nodes of a graph: whether the decode shall stop, because it was cancelled or takes too long.
/// </summary>
internal sealed unsafe class DecodeAbort
{
    private const int Cancelled = 0, Deadline = 1; // places in _state

    private const double FarFuture = long.MaxValue / 2; // in Stopwatch's ticks, which are added to those of now

    private readonly long[] _state = GC.AllocateArray<long>(2, pinned: true); // for as long as the context lives

    /// <summary>Gets the function, as ggml_abort_callback.</summary>
    public static nint Callback => (nint)(delegate* unmanaged[Cdecl]<long*, byte>)&ShouldAbort;

    /// <summary>Gets what the function is to be called with.</summary>
    public nint Address => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_state));

    /// <summary>Sets when the next decode stops; to be disposed of after it.</summary>
    /// <param name="limit">Of any length; null for no limit.</param>
    /// <param name="cancellationToken">Stops it at once.</param>
    public CancellationTokenRegistration Arm(TimeSpan? limit, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _state[Cancelled], 0);
        _state[Deadline] = limit is { } time
            ? Stopwatch.GetTimestamp() + (long)Math.Clamp(time.TotalSeconds * Stopwatch.Frequency, 0, FarFuture)
            : long.MaxValue;
        return cancellationToken.UnsafeRegister(static state => Volatile.Write(ref ((long[])state!)[Cancelled], 1), _state);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte ShouldAbort(long* state)
    {
        bool isDue = state[Deadline] != long.MaxValue && Stopwatch.GetTimestamp() >= state[Deadline];
        return isDue || Volatile.Read(ref state[Cancelled]) != 0 ? (byte)1 : (byte)0;
    }
}
