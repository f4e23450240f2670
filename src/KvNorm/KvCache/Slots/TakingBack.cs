namespace KvNorm.KvCache.Slots;

/// <summary>How a conversation can be taken back to one of its earlier tokens.</summary>
internal enum TakingBack
{
    /// <summary>Not at all: a recurrent state cannot forget.</summary>
    Never,

    /// <summary>By dropping the rows after it.</summary>
    DropsRows,

    /// <summary>Also by taking rows out of the middle.</summary>
    Cuts,
}
