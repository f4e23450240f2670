namespace KvNorm.Chat.Replies;

/// <summary>What a mark in an answer means.</summary>
internal enum MarkMeaning
{
    /// <summary>Nothing; it is not shown.</summary>
    None,

    /// <summary>A call begins.</summary>
    Call,

    /// <summary>A thought begins.</summary>
    Thought,

    /// <summary>A thought ends.</summary>
    ThoughtEnd,

    /// <summary>Something that only prompts say.</summary>
    Prompt,
}
