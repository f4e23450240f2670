namespace KvNorm.Chat.Dialects;

/// <summary>How a format writes a call.</summary>
internal enum CallShape
{
    /// <summary>A JSON object with the name and the arguments, each between marks of its own.</summary>
    JsonObject,

    /// <summary>One JSON array of such objects between the marks.</summary>
    JsonList,

    /// <summary>The name as plain text, then the arguments as a JSON object.</summary>
    Named,

    /// <summary>The name as plain text, then every argument between marks of its own.</summary>
    Tagged,

    /// <summary>The name, then names of arguments with their values, in brackets.</summary>
    Pairs,

    /// <summary>One list of such calls between the marks.</summary>
    PairsList,
}
