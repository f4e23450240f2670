namespace KvNorm.Chat.Replies;

/// <summary>An argument as it stands between its marks.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">Its value, without the line breaks that belong to the marks.</param>
/// <param name="IsText">Whether the model said that it is text; null when the format does not say.</param>
internal readonly record struct TaggedArgument(string Key, string Value, bool? IsText);
