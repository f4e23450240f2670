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

    /// <summary>Opens it.</summary>
    /// <exception cref="IOException">The program was started without one.</exception>
    public static Stream Open()
    {
        if (OperatingSystem.IsWindows())
            return Console.OpenStandardOutput();
        try
        {
            return new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException("There is no standard output to write to.", e); // the runtime reads something of its own there
        }
    }

    /// <summary>Whether an exception says that nobody reads it any more.</summary>
    public static bool IsClosed(IOException e) =>
        e.HResult is UnixBrokenPipe or UnixBadDescriptor or WindowsBrokenPipe or WindowsNoData;
}
