namespace KvNorm.Cli;

/// <summary>
/// Descriptors 0 to 2, which a program may be started without. Then .NET's runtime, which opens pipes for itself before anything of ours
/// runs, has one of those there: what is read never comes, and what is written disturbs the runtime.
/// </summary>
internal static class StandardDescriptor
{
    public const int Input = 0, Output = 1, Error = 2;

    private const int CloseOnExec = 0x80000; // O_CLOEXEC, in Linux

    /// <summary>
    /// Whether the program was started without it. What comes from the parent is never closed on exec, or it would not be here; what the
    /// runtime opens is. Elsewhere than in Linux that cannot be seen, and it counts as there.
    /// </summary>
    public static bool IsMissing(int descriptor)
    {
        string info = $"/proc/self/fdinfo/{descriptor}";
        return File.Exists(info) && Array.Exists(File.ReadAllLines(info), IsOpenedByTheRuntime);
    }

    private static bool IsOpenedByTheRuntime(string line) =>
        line.StartsWith("flags:", StringComparison.Ordinal) && (Convert.ToInt32(line["flags:".Length..].Trim(), 8) & CloseOnExec) != 0;
}
