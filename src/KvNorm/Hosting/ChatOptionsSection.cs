using System.Globalization;
using LLama.Native;
using Microsoft.Extensions.Configuration;

namespace KvNorm.Hosting;

/// <summary>The configuration keys of <see cref="KvNormChatOptions"/>: the names of its properties.</summary>
internal static class ChatOptionsSection
{
    private static readonly SettingTable<KvCacheBudget> Budget = new()
    {
        ["Size"] = (budget, entry) => KvCacheBudget.Parse(entry.Text()) with { HighMark = budget.HighMark, LowMark = budget.LowMark },
        [nameof(KvCacheBudget.HighMark)] = (budget, entry) => budget with { HighMark = entry.Parse<double>() },
        [nameof(KvCacheBudget.LowMark)] = (budget, entry) => budget with { LowMark = entry.Parse<double>() },
    };

    private static readonly SettingTable<EvictionPolicy> Policy = new()
    {
        [nameof(EvictionPolicy.Name)] = (policy, _) => policy, // read before the others, which stand on its defaults
        [nameof(EvictionPolicy.Granularity)] = (policy, entry) => policy with { Granularity = ReadName<EvictionGranularity>(entry) },
        [nameof(EvictionPolicy.Spans)] = (policy, entry) => policy with { Spans = ReadSpans(entry) },
        [nameof(EvictionPolicy.RecentWindow)] = (policy, entry) => policy with { RecentWindow = entry.Parse<double>() },
        [nameof(EvictionPolicy.Sinks)] = (policy, entry) => policy with { Sinks = entry.Parse<int>() },
        [nameof(EvictionPolicy.DemotesRepeatedPunctuation)] =
            (policy, entry) => policy with { DemotesRepeatedPunctuation = entry.Parse<bool>() },
        [nameof(EvictionPolicy.RarityWeight)] = (policy, entry) => policy with { RarityWeight = entry.Parse<double>() },
        [nameof(EvictionPolicy.SkippedLayers)] = (policy, entry) => policy with { SkippedLayers = ReadList<int>(entry) },
        [nameof(EvictionPolicy.Seed)] = (policy, entry) => policy with { Seed = entry.Parse<int>() },
    };

    private static readonly SettingTable<SamplingOptions> Sampling = new()
    {
        [nameof(SamplingOptions.Temperature)] = (sampling, entry) => sampling with { Temperature = entry.Parse<float>() },
        [nameof(SamplingOptions.TopK)] = (sampling, entry) => sampling with { TopK = entry.Parse<int>() },
        [nameof(SamplingOptions.TopP)] = (sampling, entry) => sampling with { TopP = entry.Parse<float>() },
        [nameof(SamplingOptions.MinP)] = (sampling, entry) => sampling with { MinP = entry.Parse<float>() },
        [nameof(SamplingOptions.TypicalP)] = (sampling, entry) => sampling with { TypicalP = entry.Parse<float>() },
        [nameof(SamplingOptions.Mirostat)] = (sampling, entry) => sampling with { Mirostat = entry.Parse<bool>() },
        [nameof(SamplingOptions.MirostatTau)] = (sampling, entry) => sampling with { MirostatTau = entry.Parse<float>() },
        [nameof(SamplingOptions.MirostatEta)] = (sampling, entry) => sampling with { MirostatEta = entry.Parse<float>() },
        [nameof(SamplingOptions.RepeatPenalty)] = (sampling, entry) => sampling with { RepeatPenalty = entry.Parse<float>() },
        [nameof(SamplingOptions.RepeatLastTokens)] = (sampling, entry) => sampling with { RepeatLastTokens = entry.Parse<int>() },
        [nameof(SamplingOptions.FrequencyPenalty)] = (sampling, entry) => sampling with { FrequencyPenalty = entry.Parse<float>() },
        [nameof(SamplingOptions.PresencePenalty)] = (sampling, entry) => sampling with { PresencePenalty = entry.Parse<float>() },
        [nameof(SamplingOptions.Seed)] = (sampling, entry) => sampling with { Seed = entry.Parse<uint>() },
    };

    private static readonly SettingTable<KvNormChatOptions> Options = new()
    {
        [nameof(KvNormChatOptions.ModelPath)] = Set((options, entry) => options.ModelPath = entry.Text()),
        [nameof(KvNormChatOptions.ChatTemplate)] = Set((options, entry) => options.ChatTemplate = entry.Text()),
        [nameof(KvNormChatOptions.KvCacheBudget)] = Set(
            (options, entry) => options.KvCacheBudget = ReadBudget(options.KvCacheBudget, entry)),
        [nameof(KvNormChatOptions.CacheTypeK)] = Set((options, entry) => options.CacheTypeK = ReadName<KvCacheType>(entry)),
        [nameof(KvNormChatOptions.CacheTypeV)] = Set((options, entry) => options.CacheTypeV = ReadName<KvCacheType>(entry)),
        [nameof(KvNormChatOptions.UnifiedCache)] = Set((options, entry) => options.UnifiedCache = entry.Parse<bool>()),
        [nameof(KvNormChatOptions.Slots)] = Set((options, entry) => options.Slots = entry.Parse<int>()),
        [nameof(KvNormChatOptions.ParkedBytes)] = Set((options, entry) => options.ParkedBytes = entry.Parse<long>()),
        [nameof(KvNormChatOptions.Recall)] = Set((options, entry) => options.Recall = entry.Parse<bool>()),
        [nameof(KvNormChatOptions.ArchiveBytes)] = Set((options, entry) => options.ArchiveBytes = entry.Parse<long>()),
        [nameof(KvNormChatOptions.ArchiveFolder)] = Set((options, entry) => options.ArchiveFolder = entry.Text()),
        [nameof(KvNormChatOptions.ArchiveFileBytes)] = Set((options, entry) => options.ArchiveFileBytes = entry.Parse<long>()),
        [nameof(KvNormChatOptions.SaveArchive)] = Set((options, entry) => options.SaveArchive = entry.Parse<bool>()),
        [nameof(KvNormChatOptions.UseRegisteredEmbeddings)] = Set(
            (options, entry) => options.UseRegisteredEmbeddings = entry.Parse<bool>()),
        [nameof(KvNormChatOptions.MaximumConversations)] = Set((options, entry) => options.MaximumConversations = entry.Parse<int>()),
        [nameof(KvNormChatOptions.ConversationIdleTime)] = Set((options, entry) => options.ConversationIdleTime = entry.Parse<TimeSpan>()),
        [nameof(KvNormChatOptions.ConversationTimeout)] = Set((options, entry) => options.ConversationTimeout = entry.Parse<TimeSpan>()),
        [nameof(KvNormChatOptions.Policy)] = Set((options, entry) => options.Policy = ReadPolicy(options.Policy, entry)),
        [nameof(KvNormChatOptions.GpuLayers)] = Set((options, entry) => options.GpuLayers = entry.Parse<int>()),
        [nameof(KvNormChatOptions.MainGpu)] = Set((options, entry) => options.MainGpu = entry.Parse<int>()),
        [nameof(KvNormChatOptions.SplitMode)] = Set((options, entry) => options.SplitMode = ReadName<GPUSplitMode>(entry)),
        [nameof(KvNormChatOptions.TensorSplit)] = Set((options, entry) => options.TensorSplit = ReadList<float>(entry)),
        [nameof(KvNormChatOptions.UseMemoryMapping)] = Set((options, entry) => options.UseMemoryMapping = entry.Parse<bool>()),
        [nameof(KvNormChatOptions.Threads)] = Set((options, entry) => options.Threads = entry.Parse<int>()),
        [nameof(KvNormChatOptions.MaxOutputTokens)] = Set((options, entry) => options.MaxOutputTokens = entry.Parse<int>()),
        [nameof(KvNormChatOptions.RecordsMessageText)] = Set((options, entry) => options.RecordsMessageText = entry.Parse<bool>()),
        [nameof(KvNormChatOptions.LoadAtStart)] = Set((options, entry) => options.LoadAtStart = entry.Parse<bool>()),
        [nameof(KvNormChatOptions.Sampling)] = Set((options, entry) => options.Sampling = Sampling.Apply(options.Sampling, entry)),
    };

    /// <summary>Sets what a section says and leaves the rest as it is.</summary>
    /// <exception cref="InvalidOperationException">A key is unknown, or its value is none of this setting.</exception>
    public static void Apply(KvNormChatOptions options, IConfiguration section) => Options.Apply(options, section);

    private static Func<KvNormChatOptions, IConfigurationSection, KvNormChatOptions> Set(
        Action<KvNormChatOptions, IConfigurationSection> set) =>
        (options, entry) =>
        {
            set(options, entry);
            return options;
        };

    // "48MiB", or a section with the marks beside it.
    private static KvCacheBudget ReadBudget(KvCacheBudget start, IConfigurationSection entry) =>
        Budget.Apply(entry.Value is { } size ? KvCacheBudget.Parse(size) : start, entry);

    // "keynorm", or a section with the policy's settings beside its name.
    private static EvictionPolicy ReadPolicy(EvictionPolicy start, IConfigurationSection entry) =>
        Policy.Apply((entry.Value ?? entry[nameof(EvictionPolicy.Name)]) is { } name ? EvictionPolicy.Named(name) : start, entry);

    private static T ReadName<T>(IConfigurationSection entry)
        where T : struct, Enum =>
        Enum.TryParse(entry.Text(), ignoreCase: true, out T value) && Enum.IsDefined(value)
            ? value
            : throw new FormatException($"there are {string.Join(", ", Enum.GetNames<T>())}.");

    private static TokenSpans ReadSpans(IConfigurationSection entry) => entry.Text().ToUpperInvariant() switch
    {
        "NONE" => TokenSpans.None,
        "SENTENCE" => TokenSpans.Sentence,
        var count => int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int neighbours)
            ? TokenSpans.Neighbours(neighbours)
            : throw new FormatException("there are None, Sentence, and a number of neighbouring tokens."),
    };

    // A list, or "0, 1".
    private static IReadOnlyList<T> ReadList<T>(IConfigurationSection entry)
        where T : IParsable<T> => entry.Value is { } text
        ? [.. text.Split(',').Select(static number => T.Parse(number, CultureInfo.InvariantCulture))]
        : [.. entry.GetChildren().Select(static number => int.TryParse(number.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? number.Parse<T>()
            : throw new FormatException($"it is a list, without '{number.Key}'."))];
}
