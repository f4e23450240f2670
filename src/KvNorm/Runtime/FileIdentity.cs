using System.Runtime.InteropServices;

namespace KvNorm.Runtime;

/// <summary>Which file stands at a path, and whether it is the one that stood there before. .NET tells neither.</summary>
/// <param name="Device">The file system; 0 where it is not known.</param>
/// <param name="Node">The number of the file in it; 0 where it is not known.</param>
/// <param name="Length">Bytes.</param>
/// <param name="LastWrite">When it was written to, in a unit of the system.</param>
internal readonly partial record struct FileIdentity(ulong Device, ulong Node, long Length, (long, uint) LastWrite)
{
    private const int RelativeToWorkingDirectory = -100; // AT_FDCWD
    private const uint BasicStatus = 0x7FF; // STATX_BASIC_STATS
    private const ushort KindMask = 0xF000, Regular = 0x8000; // S_IFMT, S_IFREG

    /// <summary>The file at a path, symbolic links followed.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static FileIdentity Of(string path)
    {
        FileInfo file = new(path);
        return StatusOf(path) is { } status
            ? new FileIdentity(status.Device, status.Node, status.Length, (status.Seconds, status.Nanoseconds))
            : new FileIdentity(0, 0, file.Length, (file.LastWriteTimeUtc.Ticks, 0));
    }

    /// <summary>Whether it is a file with bytes that stay: no device, no pipe, no socket. Known on Linux only.</summary>
    public static bool IsRegular(string path) => StatusOf(path) is not { } status || (status.Mode & KindMask) == Regular;

    private static Status? StatusOf(string path) =>
        OperatingSystem.IsLinux() && statx(RelativeToWorkingDirectory, path, 0, BasicStatus, out Status status) == 0 ? status : null;

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int dirfd, string pathname, int flags, uint mask, out Status statxbuf);

    /// <summary>The parts of struct statx that are read here; it is the same on all processors.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Node;

        [FieldOffset(40)]
        public long Length;

        [FieldOffset(112)]
        public long Seconds; // of the last write

        [FieldOffset(120)]
        public uint Nanoseconds;

        [FieldOffset(136)]
        public ulong Device; // two numbers of 32 bits, which are told apart no further
    }
}
