using System.Globalization;

namespace KvNorm.Runtime.Gguf;

/// <summary>
/// A metadata value, as far as anything is decided by it: of long texts and long arrays the type and the length are known.
/// </summary>
/// <param name="Type">Its type; of an array's elements where it is one.</param>
/// <param name="Count">How many elements it has; null where it is no array.</param>
/// <param name="Numbers">The number, or those of an array; empty for texts and long arrays.</param>
/// <param name="Text">The text, a letter for each byte; null where it is none, or long.</param>
/// <param name="Repeated">A text that stands more than once in an array; null where none does.</param>
internal sealed record GgufValue(GgufType Type, long? Count, IReadOnlyList<double> Numbers, string? Text, string? Repeated)
{
    /// <summary>Gets whether it is a number, and no array.</summary>
    public bool IsNumber => Count is null && Numbers.Count == 1;

    /// <summary>Says it in an error message.</summary>
    public override string ToString()
    {
        if (Count is { } count)
            return $"an array of {count} x {Type}";
        return Text is not null ? $"'{Text}'" : IsNumber ? Numbers[0].ToString(CultureInfo.InvariantCulture) : $"a {Type}";
    }
}
