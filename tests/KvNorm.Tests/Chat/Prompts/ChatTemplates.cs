using KvNorm.Chat.Dialects;
using KvNorm.Chat.Prompts;
using KvNorm.Jinja.Tests.Oracle;

namespace KvNorm.Tests.Chat.Prompts;

/// <summary>The templates of tests/oracle: our own in the shapes of real ones, and the real ones where they have been fetched.</summary>
internal static class ChatTemplates
{
    private static readonly SortedDictionary<string, string> Sources = new(
        Shapes.Sources
            .Concat(RealTemplates.WhyAbsent is null ? RealTemplates.Sources.Value : new Dictionary<string, string>(StringComparer.Ordinal))
            .ToDictionary(StringComparer.Ordinal),
        StringComparer.Ordinal);

    private static readonly Dictionary<string, ConversationWriter> Writers =
        Sources.ToDictionary(static pair => pair.Key, static pair => Writer(pair.Value), StringComparer.Ordinal);

    public static IReadOnlyCollection<string> All => Sources.Keys;

    public static TheoryData<string> Names => [.. Sources.Keys];

    public static string Source(string name) => Sources[name];

    public static ConversationWriter Writer(string source, Dialect? dialect = null) =>
        new(new ChatTemplate(source, "<s>", "</s>"), dialect ?? new Dialect(source, []));

    public static ConversationWriter Named(string name) => Writers[name];
}
