namespace KvNorm.KvCache.Slots;

/// <summary>Guards what other threads may look at of a slot, and empties the slot where a change of its cache fails.</summary>
/// <param name="clear">Empties the slot.</param>
internal sealed class SlotGate(Action clear)
{
    private readonly Lock _gate = new();

    /// <summary>Keeps other threads out until the scope is disposed of.</summary>
    public Lock.Scope Enter() => _gate.EnterScope();

    /// <summary>Changes the cache.</summary>
    public T Change<T>(Func<T> move)
    {
        try
        {
            lock (_gate)
            {
                return move();
            }
        }
        catch
        {
            clear(); // the rows may be half moved; the next request decodes the conversation again
            throw;
        }
    }
}
