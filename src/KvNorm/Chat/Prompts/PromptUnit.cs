namespace KvNorm.Chat.Prompts;

/// <summary>A special token of a prompt, or the text between two of them.</summary>
/// <param name="Text">The text; empty for a special token.</param>
/// <param name="Token">The special token.</param>
/// <param name="Start">Its first character in the prompt's text.</param>
/// <param name="End">One behind its last.</param>
/// <param name="FirstToken">The number of its first token in the prompt.</param>
internal readonly record struct PromptUnit(string Text, int Token, int Start, int End, int FirstToken = 0)
{
    public const int NoToken = -1;

    public bool IsSpecial => Token != NoToken;
}
