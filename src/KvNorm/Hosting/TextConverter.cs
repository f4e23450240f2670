using System.ComponentModel;
using System.Globalization;

namespace KvNorm.Hosting;

/// <summary>Lets Microsoft's binder read a setting that is written as one text, where an application binds options itself.</summary>
internal abstract class TextConverter<T>(Func<string, T> parse) : TypeConverter
    where T : class
{
    /// <inheritdoc/>
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

    /// <inheritdoc/>
    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string text ? parse(text) : base.ConvertFrom(context, culture, value);
}

/// <summary>Reads <see cref="KvCacheBudget"/>.</summary>
internal sealed class BudgetConverter() : TextConverter<KvCacheBudget>(KvCacheBudget.Parse);

/// <summary>Reads <see cref="EvictionPolicy"/> by its name.</summary>
internal sealed class PolicyConverter() : TextConverter<EvictionPolicy>(EvictionPolicy.Named);
