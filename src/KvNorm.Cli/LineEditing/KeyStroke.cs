namespace KvNorm.Cli.LineEditing;

/// <summary>What was typed or pasted.</summary>
/// <param name="Key">What it asks for.</param>
/// <param name="Text">What is to be inserted; else empty.</param>
internal readonly record struct KeyStroke(EditorKey Key, string Text = "");
