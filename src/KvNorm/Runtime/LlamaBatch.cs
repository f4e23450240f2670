using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KvNorm.Runtime;

/// <summary>The tokens of one decode, of one sequence or of several. Its arrays are pinned for as long as the context lives, so filling it allocates nothing.</summary>
internal sealed unsafe class LlamaBatch
{
    private readonly int _vocabularySize;
    private readonly int[] _tokens, _positions, _sequenceCounts; // (capacity)
    private readonly nint[] _sequences; // (capacity): where each token's sequence id stands in _ids
    private readonly sbyte[] _outputs;  // (capacity)
    private readonly int[] _ids;        // (sequences)

    public LlamaBatch(int capacity, int sequences, int vocabularySize)
    {
        _vocabularySize = vocabularySize;
        Capacity = capacity;
        _tokens = GC.AllocateArray<int>(capacity, pinned: true);
        _positions = GC.AllocateArray<int>(capacity, pinned: true);
        _sequenceCounts = GC.AllocateArray<int>(capacity, pinned: true);
        _sequences = GC.AllocateArray<nint>(capacity, pinned: true);
        _outputs = GC.AllocateArray<sbyte>(capacity, pinned: true);
        _ids = GC.AllocateArray<int>(sequences, pinned: true);
        Array.Fill(_sequenceCounts, 1);
        for (int id = 0; id < sequences; id++)
            _ids[id] = id;
    }

    /// <summary>Gets the most tokens.</summary>
    public int Capacity { get; }

    public int Count { get; private set; }

    /// <summary>Gets how many more tokens fit.</summary>
    public int Room => Capacity - Count;

    public void Clear() => Count = 0;

    /// <summary>Adds tokens of a sequence at positions <paramref name="position"/>, position + 1, ...</summary>
    /// <param name="sequence">The sequence's number.</param>
    /// <param name="tokens">1 to <see cref="Room"/> tokens.</param>
    /// <param name="position">One more than the highest position in the sequence.</param>
    /// <param name="logits">Whether the logits of the last token will be asked for.</param>
    /// <returns>The last token's number, by which its logits are found.</returns>
    public int Add(int sequence, ReadOnlySpan<int> tokens, int position, bool logits)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tokens.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens.Length, Room);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        foreach (int token in tokens)
        {
            if (token < 0 || token >= _vocabularySize)
                throw new ArgumentOutOfRangeException(nameof(tokens), token, "There is no such token.");
        }

        tokens.CopyTo(_tokens.AsSpan(Count));
        for (int i = 0; i < tokens.Length; i++)
            _positions[Count + i] = position + i;
        _sequences.AsSpan(Count, tokens.Length).Fill((nint)Address(_ids, sequence));
        _outputs.AsSpan(Count, tokens.Length).Clear();
        Count += tokens.Length;
        _outputs[Count - 1] = logits ? (sbyte)1 : (sbyte)0;
        return Count - 1;
    }

    internal llama_batch ToNative() => new()
    {
        n_tokens = Count,
        token = Address(_tokens),
        pos = Address(_positions),
        n_seq_id = Address(_sequenceCounts),
        seq_id = (int**)Address(_sequences),
        logits = Address(_outputs),
    };

    // Only for arrays allocated as pinned.
    private static T* Address<T>(T[] pinned, int index = 0)
        where T : unmanaged => (T*)Unsafe.AsPointer(ref pinned[index]);
}
