using System.Globalization;
using System.Text.RegularExpressions;

namespace KvNorm.Runtime;

/// <summary>
/// Memory that llama.cpp took for a model or a context, as its log says: there is no function that does. Of a buffer the log does not
/// mention nothing is known.
/// </summary>
/// <param name="Device">The device, such as "CUDA0", or <see cref="Host"/>.</param>
/// <param name="Purpose">"model", "KV", "RS", "output" or "compute".</param>
/// <param name="Bytes">Its size, to a hundredth of a MiB.</param>
internal sealed partial record NativeBuffer(string Device, string Purpose, long Bytes)
{
    /// <summary>The host's memory of any kind, such as llama.cpp's "CPU_Mapped" and "CUDA_Host".</summary>
    public const string Host = "CPU";

    /// <summary>Gets whether it holds what was said: keys and values, or the state of recurrent layers.</summary>
    public bool IsCache => Purpose is "KV" or "RS";

    /// <summary>Reads a line of llama.cpp's log; null for one that says nothing of a buffer.</summary>
    public static NativeBuffer? Parse(string line)
    {
        Match match = Announcement().Match(line);
        ReadOnlySpan<char> number = match.Groups["size"].ValueSpan;
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double size)
            ? new NativeBuffer(DeviceOf(match.Groups["device"].Value), match.Groups["purpose"].Value, (long)(size * (1 << 20)))
            : null;
    }

    private static string DeviceOf(string name) =>
        name.StartsWith(Host, StringComparison.Ordinal) || name.EndsWith("_Host", StringComparison.Ordinal) ? Host : name;

    [GeneratedRegex(
        @"^\S+:\s+(?<device>\S+) +(?<purpose>\S+) buffer size = +(?<size>[0-9.]{1,12}) MiB$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Announcement();
}
