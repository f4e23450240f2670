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
    /// Rows are chosen per layer and head and packed, but keep the positions they were prefilled at. When those that the model was trained
    /// for are used up, the tokens that are held are prefilled again.
    /// </summary>
    RewriteRowsKeepingPositions,

    /// <summary>
    /// Whole cells are removed, one set for all layers and heads, and positions are kept. When those that the model was trained for are
    /// used up, the tokens that are held are prefilled again.
    /// </summary>
    RemoveCells,
}
