using Microsoft.Win32.SafeHandles;

namespace KvNorm.Cli;

/// <summary>
/// Standard output as bytes, whose reader may go away: .NET's own stream takes what nobody reads any more without a word.
/// </summary>
internal static class StandardOutput
{
    /// <summary>As shells report a program that was ended by a closed pipe.</summary>
    public const int ClosedExitCode = 141;

    private const int UnixBrokenPipe = 32, UnixBadDescriptor = 9;
    private const int WindowsBrokenPipe = unchecked((int)0x8007006D), WindowsNoData = unchecked((int)0x800700E8);

    /// <summary>Requires that there is one, before anything is done for it.</summary>
    /// <exception cref="IOException">The program was started without one.</exception>
    public static void Require()
    {
        if (StandardDescriptor.IsMissing(StandardDescriptor.Output))
            throw new IOException("There is no standard output to write to; redirect it to /dev/null where nobody is to read it.");
    }

    /// <summary>Opens it.</summary>
    public static Stream Open()
    {
        if (OperatingSystem.IsWindows())
            return Console.OpenStandardOutput();
        FileStream stream = new(new SafeFileHandle(StandardDescriptor.Output, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        // A file has no reader to go away; and FileStream keeps its place there for itself, so that the next program would overwrite it.
        return stream.CanSeek ? Console.OpenStandardOutput() : stream;
    }

    /// <summary>Whether an exception says that nobody reads it any more.</summary>
    public static bool IsClosed(IOException e) =>
        e.HResult is UnixBrokenPipe or UnixBadDescriptor or WindowsBrokenPipe or WindowsNoData;
}
