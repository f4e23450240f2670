namespace KvNorm.Chat.Prompts;

/// <summary>The roles that templates know.</summary>
internal static class TemplateRoles
{
    public const string System = "system";
    public const string User = "user";
    public const string Assistant = "assistant";
    public const string Tool = "tool";
}
