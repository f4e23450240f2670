using System.Globalization;

namespace KvNorm.Cli.Models;

/// <summary>A number of bytes as people read it.</summary>
internal static class FileSize
{
    private const double MiB = 1 << 20, GiB = 1 << 30;

    /// <summary>Says it in MiB or GiB.</summary>
    public static string Describe(long bytes) => bytes < GiB
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / MiB:0.#} MiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / GiB:0.##} GiB");
}
