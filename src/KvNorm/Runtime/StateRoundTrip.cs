namespace KvNorm.Runtime;

/// <summary>
/// Whether a sequence's state goes out of llama.cpp and in again as it was: everything that rewrites rows relies on it, and no version
/// number promises it.
/// </summary>
internal static class StateRoundTrip
{
    /// <summary>Reads the state of a sequence that holds some tokens, writes it and reads it again.</summary>
    /// <exception cref="LlamaException">It was refused, or it comes back as another one.</exception>
    public static void Verify(LlamaSequence sequence)
    {
        using StateBuffer first = new(), second = new();
        sequence.ReadState(first);
        sequence.WriteState(first);
        sequence.ReadState(second);
        if (!AreEqual(first, second))
            throw LlamaLayout.Mismatch(LlamaLibrary.Version, "the state of a sequence comes back as another one");
    }

    /// <summary>Whether two states have the same bytes.</summary>
    internal static bool AreEqual(StateBuffer first, StateBuffer second) =>
        first.Length == second.Length && first.Slice(0, checked((int)first.Length)).SequenceEqual(second.Slice(0, (int)second.Length));
}
