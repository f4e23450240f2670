namespace KvNorm.Jinja;

/// <summary>
/// A piece of text and who wrote it. A render gives such pieces; a variable that is one keeps its <see cref="FromTemplate"/>,
/// so that a caller can vouch for a text, such as bos_token.
/// </summary>
/// <param name="Text">The text.</param>
/// <param name="FromTemplate">
/// Whether the template's author wrote it. Everything else is data, whatever it looks like, and must not become control tokens.
/// </param>
public readonly record struct JinjaText(string Text, bool FromTemplate);
