namespace KvNorm.Evaluation;

/// <summary>What an arm does when the cache is too small.</summary>
public enum EvaluationArmKind
{
    /// <summary>Nothing: the cache holds everything.</summary>
    Full,

    /// <summary>Evicts rows by a policy.</summary>
    Policy,

    /// <summary>Evicts rows of each message by a policy when it was read, and none of them later.</summary>
    PolicyOnce,

    /// <summary>Keeps special tokens, punctuation and the most recent tokens.</summary>
    Marks,

    /// <summary>Drops the oldest turns and reads what is left again, as chat reducers do.</summary>
    DropOldest,

    /// <summary>Reads nothing but the system prompt and the messages in which the answer stands.</summary>
    Passage,

    /// <summary>Removes the older half of the cells and shifts the rest, as llama.cpp does.</summary>
    ContextShift,
}
