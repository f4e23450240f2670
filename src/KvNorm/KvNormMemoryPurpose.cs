namespace KvNorm;

/// <summary>What a client takes memory for.</summary>
public enum KvNormMemoryPurpose
{
    /// <summary>The model. Weights that stay in their file are read as they are used, and shared with other processes.</summary>
    Weights,

    /// <summary>Keys and values: what <see cref="KvNormChatOptions.KvCacheBudget"/> bounds.</summary>
    Cache,

    /// <summary>What llama.cpp needs to decode a batch.</summary>
    Compute,

    /// <summary>What evictions keep from one to the next: room for the rows of one conversation, and for their scores. At most.</summary>
    Eviction,

    /// <summary>
    /// Rows that can be recalled (<see cref="KvNormChatOptions.ArchiveBytes"/>), and room for those on their way back. At most.
    /// </summary>
    Archive,

    /// <summary>Conversations outside of the slots (<see cref="KvNormChatOptions.ParkedBytes"/>). At most.</summary>
    Parked,
}
