namespace KvNorm.Runtime;

/// <summary>The tokens that may come next, each with its logit. The memory is used again for every token.</summary>
internal sealed unsafe class LlamaCandidates(int vocabularySize)
{
    private readonly llama_token_data[] _data = GC.AllocateUninitializedArray<llama_token_data>(vocabularySize, pinned: true);

    /// <summary>Gets how many there are.</summary>
    public int Count { get; private set; }

    public Span<llama_token_data> Span => _data.AsSpan(0, Count);

    /// <summary>Takes all tokens, (vocabulary).</summary>
    public void Fill(ReadOnlySpan<float> logits)
    {
        for (int token = 0; token < logits.Length; token++)
            _data[token] = new llama_token_data { id = token, logit = logits[token] };
        Count = logits.Length;
    }

    /// <summary>Takes some tokens.</summary>
    public void Fill(IEnumerable<llama_token_data> tokens)
    {
        Count = 0;
        foreach (llama_token_data token in tokens)
            _data[Count++] = token;
    }

    /// <summary>Runs samplers over them. Those at the end of a chain choose one.</summary>
    /// <returns>The token chosen, -1 for none.</returns>
    public int Apply(LlamaSamplerHandle samplers)
    {
        fixed (llama_token_data* data = _data)
        {
            llama_token_data_array array = new() { data = data, size = (nuint)Count, selected = -1 };
            LlamaNative.llama_sampler_apply(samplers, &array);
            Count = checked((int)array.size);
            return array.selected >= 0 && array.selected < Count ? array.data[array.selected].id : -1;
        }
    }
}
