namespace KvNorm.KvCache.Slots;

/// <summary>Decodes for one slot alone, in batches of its own.</summary>
internal static class SlotPrefill
{
    /// <summary>
    /// Decodes tokens after the last one, and first what is to be read again.
    /// On any exception the cache holds what was decoded before the failing batch.
    /// </summary>
    /// <param name="slot">The slot.</param>
    /// <param name="tokens">The tokens.</param>
    /// <param name="logits">Whether the logits of the last one will be asked for.</param>
    /// <param name="cancellationToken">Stops between batches, and on the CPU inside them.</param>
    public static void Prefill(this Slot slot, ReadOnlySpan<int> tokens, bool logits, CancellationToken cancellationToken = default)
    {
        while (!tokens.IsEmpty || slot.ReadsAgain)
        {
            cancellationToken.ThrowIfCancellationRequested();
            slot.Sequence.Context.Batch.Clear();
            int count = slot.Stage(tokens, int.MaxValue, logits);
            try
            {
                slot.Sequence.Context.Decode(cancellationToken);
            }
            catch
            {
                slot.Rollback();
                throw;
            }

            slot.Commit(tokens[..count]);
            tokens = tokens[count..];
        }
    }
}
