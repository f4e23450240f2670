using Microsoft.Extensions.Configuration;

namespace KvNorm.Hosting;

/// <summary>
/// How the keys of a configuration section become the settings of a <typeparamref name="T"/>. Unlike Microsoft's binder this needs no
/// reflection, and an unknown key or value is an error that names it.
/// </summary>
internal sealed class SettingTable<T>() : Dictionary<string, Func<T, IConfigurationSection, T>>(StringComparer.OrdinalIgnoreCase)
{
    /// <summary>Applies a section. Keys without a value leave a setting as it is.</summary>
    /// <exception cref="InvalidOperationException">A key is unknown, or its value is none of this setting.</exception>
    public T Apply(T settings, IConfiguration section)
    {
        foreach (IConfigurationSection entry in section.GetChildren())
        {
            if (!TryGetValue(entry.Key, out Func<T, IConfigurationSection, T>? set))
                throw new InvalidOperationException($"There is no setting '{entry.Path}'; there are {string.Join(", ", Keys)}.");
            if (string.IsNullOrEmpty(entry.Value) && !entry.GetChildren().Any())
                continue;
            try
            {
                settings = set(settings, entry);
            }
            catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
            {
                throw new InvalidOperationException($"The setting '{entry.Path}' cannot be '{entry.Value}': {e.Message}", e);
            }
        }

        return settings;
    }
}
