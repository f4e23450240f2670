namespace KvNorm.Chat.Prompts;

/// <summary>
/// Puts a conversation into the order that strict templates want, user and assistant in turn: texts of the same role that meet become one,
/// and a system text moves into the first user message. Nothing is lost.
/// </summary>
internal static class MessageOrder
{
    /// <summary>What stands between two texts that became one.</summary>
    public const string Separator = "\n\n";

    /// <summary>The conversation with texts of the same role that meet joined; null when there are none.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, object?>>? Joined(IReadOnlyList<IReadOnlyDictionary<string, object?>> messages)
    {
        List<IReadOnlyDictionary<string, object?>> joined = [];
        foreach (IReadOnlyDictionary<string, object?> message in messages)
        {
            if (joined.Count > 0 && CanJoin(joined[^1], message))
                joined[^1] = WithContent(message, Join(joined[^1], message));
            else
                joined.Add(message);
        }

        return joined.Count < messages.Count ? joined : null;
    }

    /// <summary>The conversation with its system text in front of the first user message's; null when there is no such pair.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, object?>>? WithoutSystem(
        IReadOnlyList<IReadOnlyDictionary<string, object?>> messages) =>
        messages is [{ } system, { } user, ..] && Role(system) == TemplateRoles.System && Role(user) == TemplateRoles.User
            ? [WithContent(user, Join(system, user)), .. messages.Skip(2)]
            : null;

    private static bool CanJoin(IReadOnlyDictionary<string, object?> first, IReadOnlyDictionary<string, object?> second) =>
        Role(first) == Role(second) && Role(first) != TemplateRoles.Tool && IsPlain(first) && IsPlain(second);

    private static bool IsPlain(IReadOnlyDictionary<string, object?> message) => message.Count == 2; // role and content

    private static string? Role(IReadOnlyDictionary<string, object?> message) => message["role"] as string;

    private static string Join(IReadOnlyDictionary<string, object?> first, IReadOnlyDictionary<string, object?> second) =>
        $"{first["content"]}{Separator}{second["content"]}";

    private static Dictionary<string, object?> WithContent(IReadOnlyDictionary<string, object?> message, string content) =>
        new(message, StringComparer.Ordinal) { ["content"] = content };
}
