using System.Runtime.InteropServices;
using LLama.Native;

namespace KvNorm.Runtime;

/// <summary>The tokens that may come next, each with its logit. The memory is used again for every token.</summary>
internal sealed class LlamaCandidates
{
    private readonly Memory<LLamaTokenData> _data;

    /// <summary>Makes room.</summary>
    /// <param name="maximum">The maximum number of candidates.</param>
    public LlamaCandidates(int maximum) => // pinned, so that handing it to a sampler allocates nothing
        _data = MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<LLamaTokenData>(maximum, pinned: true), 0, maximum);

    /// <summary>Gets how many there are.</summary>
    public int Count { get; private set; }

    public Span<LLamaTokenData> Span => _data.Span[..Count];

    public void Clear() => Count = 0;

    public void Add(int token, float logit) => _data.Span[Count++] = new LLamaTokenData(token, logit, 0);

    /// <summary>Takes all tokens, (vocabulary).</summary>
    public void Fill(ReadOnlySpan<float> logits)
    {
        Count = logits.Length;
        Span<LLamaTokenData> data = Span;
        for (int token = 0; token < data.Length; token++)
            data[token] = new LLamaTokenData(token, logits[token], 0);
    }

    /// <summary>Runs samplers over them. Those at the end of a chain choose one.</summary>
    /// <returns>The token chosen, -1 for none.</returns>
    public int Apply(SafeLLamaSamplerChainHandle samplers)
    {
        using (LLamaTokenDataArrayNative.Create(new LLamaTokenDataArray(_data[..Count]), out LLamaTokenDataArrayNative native))
        {
            native.Selected = -1; // LLamaSharp leaves it 0, as if the first had been chosen
            samplers.Apply(ref native);
            Count = checked((int)native.Size);
            return native.Selected >= 0 && native.Selected < Count ? (int)native.Data[(int)native.Selected].ID : -1;
        }
    }
}
