using System.CommandLine;

namespace KvNorm.Cli;

/// <summary>The options that say what the cache stores keys and values as, by the names that llama.cpp's programs have for them.</summary>
internal sealed class CacheTypeOptions
{
    private readonly Option<KvCacheType?> _keys = Create("--cache-type-k", "keys");
    private readonly Option<KvCacheType?> _values = Create("--cache-type-v", "values");

    public void AddTo(Command command)
    {
        command.Add(_keys);
        command.Add(_values);
    }

    public void Apply(ParseResult parsed, KvNormChatOptions options) =>
        (options.CacheTypeK, options.CacheTypeV) = (Read(parsed, _keys), Read(parsed, _values));

    /// <summary>What llama.cpp calls a type.</summary>
    public static string Name(KvCacheType type) => type.ToString().ToLowerInvariant();

    private static Option<KvCacheType?> Create(string name, string what) => new(name)
    {
        Description = $"What the cache stores {what} as: f16 (default), bf16, f32, q8_0, q5_1, q5_0, q4_1 or q4_0.",
        HelpName = "TYPE",
    };

    private static KvCacheType Read(ParseResult parsed, Option<KvCacheType?> option) => parsed.GetValue(option) ?? KvCacheType.F16;
}
