using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace KvNorm.Hosting;

/// <summary>Reads the values of configuration keys.</summary>
internal static class SettingValues
{
    /// <summary>The text of a key.</summary>
    /// <exception cref="FormatException">The key is a section.</exception>
    public static string Text(this IConfigurationSection entry) =>
        entry.Value ?? throw new FormatException("it is one value, not a section.");

    /// <summary>A number, truth value or other value that is written as text.</summary>
    /// <exception cref="FormatException">The text is no such value.</exception>
    public static T Parse<T>(this IConfigurationSection entry)
        where T : IParsable<T> => T.Parse(entry.Text(), CultureInfo.InvariantCulture);
}
