namespace KvNorm.KvCache.Eviction;

/// <summary>Logical tokens that stay whatever their score.</summary>
/// <param name="Prefix">The first tokens: the system prompt, at least the sinks.</param>
/// <param name="OpenStart">The first token of the message being answered.</param>
/// <param name="OpenEnd">The index after its last; equal to the start when it is not pinned.</param>
internal readonly record struct PinnedTokens(int Prefix, int OpenStart, int OpenEnd)
{
    public bool Contains(int token) => token < Prefix || (token >= OpenStart && token < OpenEnd);
}
