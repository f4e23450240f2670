namespace KvNorm.Chat.Prompts;

/// <summary>What a template cannot do without in the schemas of parameters.</summary>
[Flags]
internal enum SchemaNeeds
{
    None = 0,

    /// <summary>A type is one name that everybody knows, not a list of them.</summary>
    OneType = 1,

    /// <summary>A schema has a description, and that of an object says what else may stand in it.</summary>
    Descriptions = 2,
}
