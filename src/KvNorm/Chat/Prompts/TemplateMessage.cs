using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Prompts;

/// <summary>A message on its way into a chat template, before it takes the form which that template wants.</summary>
/// <param name="Role">One of <see cref="TemplateRoles"/>.</param>
/// <param name="Text">What it says.</param>
/// <param name="Index">The number of the caller's message that it comes from; -1 for the instructions and what is put in between.</param>
internal sealed record TemplateMessage(string Role, string Text, int Index = -1)
{
    /// <summary>Gets the thoughts.</summary>
    public string Reasoning { get; init; } = "";

    /// <summary>Gets the calls.</summary>
    public IReadOnlyList<FunctionCallContent> Calls { get; init; } = [];

    /// <summary>Gets the id of the call that this is the result of; null for no result.</summary>
    public string? CallId { get; init; }

    /// <summary>Gets the name of the tool that gave this result.</summary>
    public string? ToolName { get; init; }

    /// <summary>Gets the tools as JSON, for templates that take them in the system message; null for none.</summary>
    public string? Tools { get; init; }

    /// <summary>Gets how many characters at the beginning of the text are system text.</summary>
    public int SystemLength { get; init; }

    /// <summary>Gets whether nobody said it: the template wants a message in its place.</summary>
    public bool IsFiller { get; init; }

    /// <summary>Gets whether calls or results were written into its text.</summary>
    public bool HasExchangeAsText { get; init; }

    /// <summary>Gets whether there are calls in it, or a result.</summary>
    public bool IsExchange => Calls.Count > 0 || CallId is not null || HasExchangeAsText;

    /// <summary>Gets what an error calls it.</summary>
    public string Place => Index < 0 ? "The instructions" : $"Message {Index}";

    public bool IsSystem => Role == TemplateRoles.System;

    public bool IsUser => Role == TemplateRoles.User;

    public bool IsAssistant => Role == TemplateRoles.Assistant;

    /// <summary>Gets whether it says nothing at all.</summary>
    public bool IsEmpty => string.IsNullOrWhiteSpace(Text) && Reasoning.Length == 0 && Calls.Count == 0;

    /// <summary>Gets whether it is a thought and no more.</summary>
    public bool IsThought => string.IsNullOrWhiteSpace(Text) && Reasoning.Length > 0 && Calls.Count == 0;
}
