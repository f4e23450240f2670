using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Slots;
using KvNorm.Runtime;
using KvNorm.Tests.KvCache.Eviction;

namespace KvNorm.Tests.KvCache.Slots;

/// <summary>Conversations outside of any slot, whose states are only bytes.</summary>
internal static class SnapshotSample
{
    /// <summary>A conversation from which nothing was evicted.</summary>
    public static ConversationSnapshot Whole(int[] tokens, int prefix = 0, int stateBytes = 100)
    {
        RowLedger ledger = new(RowLedgerTests.Separate(2), renumbered: true);
        ledger.Append(tokens.Length);
        return Of(tokens, ledger, prefix, stateBytes);
    }

    /// <summary>A conversation that holds some rows of every second token, and the last one.</summary>
    public static ConversationSnapshot Halved(int[] tokens, int prefix = 0, TakingBack takingBack = TakingBack.Cuts)
    {
        RowLedger ledger = new(RowLedgerTests.Separate(2), renumbered: true);
        ledger.Append(tokens.Length);
        int[] kept = [.. Enumerable.Range(0, tokens.Length).Where(token => token % 2 == 0 || token == tokens.Length - 1)];
        ledger.Pack([.. kept, .. kept], kept.Length, tokens.Length);
        return Of(tokens, ledger, prefix, 100) with { TakingBack = takingBack };
    }

    private static ConversationSnapshot Of(int[] tokens, RowLedger ledger, int prefix, int stateBytes)
    {
        StateBuffer state = new();
        state.Resize(stateBytes);
        state.Slice(0, stateBytes).Fill(7);
        return new ConversationSnapshot(tokens, new PinnedTokens(prefix, 0, 0), ledger, TakingBack.Cuts, Statistics: null, state);
    }
}
