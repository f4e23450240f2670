namespace KvNorm;

/// <summary>How rows leave the cache; what a model allows decides.</summary>
public enum EvictionMechanism
{
    /// <summary>
    /// Rows are chosen per layer and head, and what is kept is packed and renumbered: positions stay below the budget, whatever the length
    /// of the conversation.
    /// </summary>
    RewriteRows,

    /// <summary>
    /// Rows are chosen per layer and head and packed, but keep the positions they were read at: the model's trained length bounds the
    /// conversation.
    /// </summary>
    RewriteRowsKeepingPositions,

    /// <summary>
    /// Whole cells are removed, one set for all layers and heads, and positions are kept: the model's trained length bounds the
    /// conversation.
    /// </summary>
    RemoveCells,
}
