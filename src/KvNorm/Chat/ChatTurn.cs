namespace KvNorm.Chat;

/// <summary>A message as the prompt shows it.</summary>
/// <param name="Role">system, user or assistant.</param>
/// <param name="Text">Its text.</param>
internal sealed record ChatTurn(string Role, string Text)
{
    public const string System = "system";
    public const string User = "user";
    public const string Assistant = "assistant";
}
