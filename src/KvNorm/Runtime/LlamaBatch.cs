using System.Runtime.CompilerServices;
using LLama.Native;

namespace KvNorm.Runtime;

/// <summary>
/// The tokens of one decode, of one sequence or of several. Its arrays are pinned for as long as the context lives, so filling it allocates
/// nothing (LLamaSharp's own batch pins and wraps its arrays for every decode).
/// </summary>
internal sealed unsafe class LlamaBatch
{
    private readonly int _vocabularySize;
    private readonly LLamaToken[] _tokens; // (capacity)
    private readonly LLamaPos[] _positions; // (capacity)
    private readonly int[] _sequenceCounts; // (capacity)
    private readonly int[] _sequenceOf; // (capacity): each token's sequence
    private readonly nint[] _sequences; // (capacity): where each token's sequence id stands in _ids
    private readonly byte[] _outputs; // (capacity)
    private readonly LLamaSeqId[] _ids; // (sequences)
    private readonly int[] _firstPositions; // (sequences): of the tokens in the batch, -1 for none
    private readonly int[] _counts; // (sequences): tokens in the batch
    private int _outputCount; // tokens whose logits will be asked for

    public LlamaBatch(int capacity, int sequences, int vocabularySize)
    {
        _vocabularySize = vocabularySize;
        Capacity = capacity;
        _tokens = GC.AllocateArray<LLamaToken>(capacity, pinned: true);
        _positions = GC.AllocateArray<LLamaPos>(capacity, pinned: true);
        _sequenceCounts = GC.AllocateArray<int>(capacity, pinned: true);
        _sequenceOf = new int[capacity];
        _sequences = GC.AllocateArray<nint>(capacity, pinned: true);
        _outputs = GC.AllocateArray<byte>(capacity, pinned: true);
        _ids = GC.AllocateArray<LLamaSeqId>(sequences, pinned: true);
        _firstPositions = new int[sequences];
        _counts = new int[sequences];
        Array.Fill(_sequenceCounts, 1);
        for (int id = 0; id < sequences; id++)
            _ids[id] = (LLamaSeqId)id;
        Clear();
    }

    /// <summary>Gets the maximum number of tokens.</summary>
    public int Capacity { get; }

    public int Count { get; private set; }

    /// <summary>Gets how many more tokens fit.</summary>
    public int Room => Capacity - Count;

    /// <summary>Gets the position of each sequence's first token in the batch, (sequences); -1 where it has none.</summary>
    public ReadOnlySpan<int> FirstPositions => _firstPositions;

    /// <summary>Gets each sequence's tokens in the batch, (sequences).</summary>
    public ReadOnlySpan<int> Counts => _counts;

    /// <summary>Gets the sequence of each token in the batch, (<see cref="Count"/>).</summary>
    public ReadOnlySpan<int> SequenceOf => _sequenceOf.AsSpan(0, Count);

    public void Clear()
    {
        Count = _outputCount = 0;
        Array.Fill(_firstPositions, -1);
        Array.Clear(_counts);
    }

    /// <summary>Adds tokens of a sequence at positions <paramref name="position"/>, position + 1, ...</summary>
    /// <param name="sequence">The sequence's number.</param>
    /// <param name="tokens">1 to <see cref="Room"/> tokens.</param>
    /// <param name="position">One more than the highest position in the sequence.</param>
    /// <param name="logits">Whether the logits of the last token will be asked for: at most one for each sequence of a batch.</param>
    /// <returns>The last token's number, by which its logits are found.</returns>
    public int Add(int sequence, ReadOnlySpan<int> tokens, int position, bool logits)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tokens.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens.Length, Room);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_outputCount + (logits ? 1 : 0), _counts.Length, nameof(logits));
        foreach (int token in tokens)
        {
            if (token < 0 || token >= _vocabularySize)
                throw new ArgumentOutOfRangeException(nameof(tokens), token, "There is no such token.");
        }

        for (int i = 0; i < tokens.Length; i++)
            (_tokens[Count + i], _positions[Count + i]) = (tokens[i], position + i);
        if (_firstPositions[sequence] < 0)
            _firstPositions[sequence] = position;
        _sequences.AsSpan(Count, tokens.Length).Fill((nint)Address(_ids, sequence));
        _sequenceOf.AsSpan(Count, tokens.Length).Fill(sequence);
        _outputs.AsSpan(Count, tokens.Length).Clear();
        Count += tokens.Length;
        _counts[sequence] += tokens.Length;
        _outputs[Count - 1] = logits ? (byte)1 : (byte)0;
        _outputCount += logits ? 1 : 0;
        return Count - 1;
    }

    internal LLamaNativeBatch ToNative() => new()
    {
        n_tokens = Count,
        tokens = Address(_tokens),
        pos = Address(_positions),
        n_seq_id = Address(_sequenceCounts),
        seq_id = (LLamaSeqId**)Address(_sequences),
        logits = Address(_outputs),
    };

    // Only for arrays allocated as pinned.
    private static T* Address<T>(T[] pinned, int index = 0)
        where T : unmanaged => (T*)Unsafe.AsPointer(ref pinned[index]);
}
