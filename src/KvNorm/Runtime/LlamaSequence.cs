using System.Buffers.Binary;
using LLama.Native;

namespace KvNorm.Runtime;

/// <summary>One sequence of a context: the tokens of one conversation, in cells of its own.</summary>
internal sealed unsafe class LlamaSequence(LlamaContext context, int id)
{
    private const int StreamsOffset = 8; // in a state: after magic and sequence

    private readonly LLamaSeqId _id = (LLamaSeqId)id;

    public LlamaContext Context => context;

    /// <summary>Gets the sequence's number, from 0.</summary>
    public int Id => id;

    /// <summary>Gets the cells of this sequence.</summary>
    public int Cells => context.Cells;

    /// <summary>Puts tokens into the context's batch.</summary>
    /// <inheritdoc cref="LlamaBatch.Add"/>
    public int Stage(ReadOnlySpan<int> tokens, int position, bool logits) => context.Batch.Add(id, tokens, position, logits);

    /// <summary>Reads tokens in a batch of their own.</summary>
    /// <inheritdoc cref="LlamaContext.Decode"/>
    public void Decode(ReadOnlySpan<int> tokens, int position, bool logits, CancellationToken cancellationToken = default)
    {
        context.Batch.Clear();
        Stage(tokens, position, logits);
        context.Decode(cancellationToken);
    }

    /// <summary>Empties the sequence.</summary>
    public void Clear()
    {
        if (!TryRemove(-1, -1))
            throw new LlamaException(nameof(NativeApi.llama_memory_seq_rm), 0, "a sequence could not be emptied");
    }

    /// <summary>Frees the cells at positions [from, to). Those in the middle leave holes.</summary>
    public void Remove(int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfLessThan(to, from);
        if (from < to && !TryRemove(from, to))
            throw new LlamaException(
                nameof(NativeApi.llama_memory_seq_rm), 0, $"the positions {from} to {to} cannot be removed from this model's memory");
    }

    /// <summary>Frees the cells at <paramref name="position"/> and after it.</summary>
    /// <returns>
    /// False when the model's memory cannot be cut there (a recurrent state remembers what it read); it is then as before.
    /// </returns>
    public bool RemoveFrom(int position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        return TryRemove(position, -1);
    }

    /// <summary>
    /// The lowest position that every layer still holds, -1 when there is none: a sliding window forgets what lies before it.
    /// </summary>
    public int LowestPosition() => context.Handle.MemorySequenceMinPosition(_id).Value;

    /// <summary>Bytes of the sequence's state as it is now.</summary>
    public long StateSize() => checked((long)context.Handle.GetStateSize(_id));

    /// <summary>Copies the sequence's state out.</summary>
    public void ReadState(StateBuffer state)
    {
        state.Resize(StateSize());
        nuint written = context.Handle.GetState(state.Pointer, (nuint)state.Length, _id);
        if ((long)written != state.Length)
            throw new LlamaException("llama_state_seq_get_data", (int)written, $"{state.Length} bytes of state were expected");
    }

    /// <summary>
    /// Replaces the sequence by a state, which may be another sequence's; its cells are packed from cell 0. On failure the sequence is
    /// empty.
    /// </summary>
    public void WriteState(StateBuffer state)
    {
        nuint read = AnnouncesNoMoreCells(state) ? context.Handle.SetState(state.Pointer, (nuint)state.Length, _id) : 0;
        if (read > 0 && (long)read == state.Length)
            return;
        Clear();
        throw new LlamaException(
            "llama_state_seq_set_data", (int)read, $"a state of {state.Length} bytes was refused; the sequence is empty now");
    }

    private bool TryRemove(int from, int to) => NativeApi.llama_memory_seq_rm(context.Memory, _id, from, to);

    // llama.cpp reserves what the header announces before it looks whether there is as much.
    private bool AnnouncesNoMoreCells(StateBuffer state)
    {
        long offset = StreamsOffset;
        uint streams = Next(), cells = 0;
        for (uint stream = 0; stream < streams && cells == 0; stream++)
            cells = Next();
        return streams > 0 && cells <= Cells;

        uint Next()
        {
            offset += sizeof(uint);
            return offset <= state.Length
                ? BinaryPrimitives.ReadUInt32LittleEndian(state.Slice(offset - sizeof(uint), sizeof(uint)))
                : uint.MaxValue;
        }
    }
}
