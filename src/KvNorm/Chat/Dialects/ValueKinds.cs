namespace KvNorm.Chat.Dialects;

/// <summary>What a schema lets a value be, as far as it matters between marks, where text has no quotes.</summary>
[Flags]
internal enum ValueKinds
{
    None = 0,
    Text = 1,
    Null = 2,

    /// <summary>A number, true or false.</summary>
    Scalar = 4,

    /// <summary>An object or an array.</summary>
    Structure = 8,

    /// <summary>Nothing is known.</summary>
    Any = Text | Null | Scalar | Structure,
}
