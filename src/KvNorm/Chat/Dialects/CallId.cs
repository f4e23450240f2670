namespace KvNorm.Chat.Dialects;

/// <summary>The id or number that a model makes up for each call, beside its name.</summary>
/// <param name="Sample">One of them.</param>
/// <param name="Rule">All of them, in GBNF.</param>
internal sealed record CallId(string Sample, string Rule);
