namespace KvNorm.Jinja;

/// <summary>A piece of rendered text.</summary>
/// <param name="Text">The text.</param>
/// <param name="FromTemplate">Whether the template's author wrote it. Everything else is data, whatever it looks like, and must not become control tokens.</param>
internal readonly record struct JinjaText(string Text, bool FromTemplate);
