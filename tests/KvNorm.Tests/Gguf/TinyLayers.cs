using System.Globalization;

namespace KvNorm.Tests.Gguf;

/// <summary>The tensors of layers.</summary>
internal sealed class TinyLayers(TinyWeights weights, TinyModelSettings settings)
{
    /// <summary>Of a layer with experts: how many, and how many of them compute a token.</summary>
    public const int Experts = 4, ExpertsUsed = 2;

    /// <summary>Elements of the vectors that keys and values, or queries, are made of.</summary>
    public const int Latents = 32;

    private readonly TinyArchitecture _architecture = TinyArchitecture.Named(settings.Architecture);

    private int QueryRows => settings.Heads * settings.HeadLength;

    private int KeyRows => settings.KeyValueHeads * settings.HeadLength;

    private int ValueRows => settings.KeyValueHeads * (settings.ValueLength ?? settings.HeadLength);

    private int MixedRows => settings.Heads * (settings.ValueLength ?? settings.HeadLength);

    public void Write(int layer)
    {
        if (_architecture.HasEncoder)
        {
            WriteEncoderAndDecoder(layer);
            return;
        }

        string prefix = $"blk.{layer}.";
        foreach (string norm in _architecture.Norms)
            Norm(prefix + norm);
        if (_architecture.IsAttention(layer, settings.Layers))
            Attention(prefix);
        else
            _architecture.Recurrence!(weights, settings, prefix);
        if (_architecture.HasExperts)
            FeedForwardOfExperts(prefix);
        else if (_architecture.HasAttention)
            FeedForward(prefix);
    }

    public void Norm(string name)
    {
        weights.Ones(name + ".weight", settings.Embedding);
        if (_architecture.HasNormBiases)
            weights.Bias(name + ".bias", settings.Embedding);
    }

    // The encoder's layer and the decoder's, which have other names for the same things.
    private void WriteEncoderAndDecoder(int layer)
    {
        foreach (string part in new[] { "enc.blk.{0}.attn", "dec.blk.{0}.attn", "dec.blk.{0}.cross_attn" })
        {
            string prefix = string.Format(CultureInfo.InvariantCulture, part, layer);
            Norm(prefix + "_norm");
            weights.Matrix(prefix + "_q.weight", settings.Embedding, KeyRows);
            weights.Matrix(prefix + "_k.weight", settings.Embedding, KeyRows);
            weights.Matrix(prefix + "_v.weight", settings.Embedding, ValueRows);
            weights.Matrix(prefix + "_o.weight", ValueRows, settings.Embedding);
        }

        foreach (string prefix in new[] { $"enc.blk.{layer}.", $"dec.blk.{layer}." })
        {
            Norm(prefix + "ffn_norm");
            FeedForward(prefix);
        }
    }

    private void Attention(string prefix)
    {
        if (_architecture.HasLatents)
            LatentProjections(prefix, settings.RotatedLength!.Value);
        else if (_architecture.IsFused)
            weights.Matrix(prefix + "attn_qkv.weight", settings.Embedding, QueryRows + KeyRows + ValueRows);
        else
            Projections(prefix);
        weights.Matrix(prefix + "attn_output.weight", MixedRows, settings.Embedding);
        if (_architecture.HasBiases)
        {
            weights.Bias(prefix + "attn_q.bias", QueryRows);
            weights.Bias(prefix + "attn_k.bias", KeyRows);
            weights.Bias(prefix + "attn_v.bias", ValueRows);
        }

        if (_architecture.HasOutputBias)
            weights.Bias(prefix + "attn_output.bias", settings.Embedding);
        if (_architecture.HasSinks)
            weights.Bias(prefix + "attn_sinks.weight", settings.Heads);
        if (_architecture.HasHeadNorms)
        {
            weights.Ones(prefix + "attn_q_norm.weight", settings.HeadLength);
            weights.Ones(prefix + "attn_k_norm.weight", settings.HeadLength);
        }
    }

    private void LatentProjections(string prefix, int rotated)
    {
        int kept = settings.HeadLength - rotated, values = settings.ValueLength!.Value;
        weights.Matrix(prefix + "attn_q_a.weight", settings.Embedding, Latents);
        weights.Ones(prefix + "attn_q_a_norm.weight", Latents);
        weights.Matrix(prefix + "attn_q_b.weight", Latents, QueryRows);
        weights.Matrix(prefix + "attn_kv_a_mqa.weight", settings.Embedding, Latents + rotated);
        weights.Ones(prefix + "attn_kv_a_norm.weight", Latents);
        if (settings.HasLatentCache)
        {
            weights.Matrices(prefix + "attn_k_b.weight", kept, Latents, settings.Heads);
            weights.Matrices(prefix + "attn_v_b.weight", Latents, values, settings.Heads);
        }
        else
        {
            weights.Matrix(prefix + "attn_kv_b.weight", Latents, settings.Heads * (kept + values));
        }
    }

    private void Projections(string prefix)
    {
        int queries = QueryRows * (_architecture.HasGatedQueries ? 2 : 1);
        if (settings.QueriesAreKeys)
        {
            float[] shared = weights.Matrix(prefix + "attn_k.weight", settings.Embedding, KeyRows);
            IEnumerable<float[]> heads = shared.Chunk(settings.HeadLength * settings.Embedding);
            float[] repeated = [.. heads.SelectMany(head => Enumerable.Repeat(head, queries / KeyRows)).SelectMany(static head => head)];
            weights.Add(prefix + "attn_q.weight", repeated, settings.Embedding, queries);
        }
        else
        {
            weights.Matrix(prefix + "attn_q.weight", settings.Embedding, queries);
            weights.Matrix(prefix + "attn_k.weight", settings.Embedding, KeyRows);
        }

        weights.Matrix(prefix + "attn_v.weight", settings.Embedding, ValueRows);
    }

    private void FeedForward(string prefix)
    {
        if (_architecture.IsFused)
        {
            weights.Matrix(prefix + "ffn_up.weight", settings.Embedding, 2 * settings.FeedForward);
        }
        else
        {
            weights.Matrix(prefix + "ffn_gate.weight", settings.Embedding, settings.FeedForward);
            weights.Matrix(prefix + "ffn_up.weight", settings.Embedding, settings.FeedForward);
        }

        weights.Matrix(prefix + "ffn_down.weight", settings.FeedForward, settings.Embedding);
    }

    private void FeedForwardOfExperts(string prefix)
    {
        weights.Matrix(prefix + "ffn_gate_inp.weight", settings.Embedding, Experts);
        weights.Matrices(prefix + "ffn_gate_exps.weight", settings.Embedding, settings.FeedForward, Experts);
        weights.Matrices(prefix + "ffn_up_exps.weight", settings.Embedding, settings.FeedForward, Experts);
        weights.Matrices(prefix + "ffn_down_exps.weight", settings.FeedForward, settings.Embedding, Experts);
        if (_architecture.HasExpertBiases)
        {
            weights.Bias(prefix + "ffn_gate_inp.bias", Experts);
            weights.Bias(prefix + "ffn_gate_exps.bias", settings.FeedForward, Experts);
            weights.Bias(prefix + "ffn_up_exps.bias", settings.FeedForward, Experts);
            weights.Bias(prefix + "ffn_down_exps.bias", settings.Embedding, Experts);
        }

        if (_architecture.HasSharedExpert)
        {
            weights.Bias(prefix + "ffn_gate_inp_shexp.weight", settings.Embedding);
            weights.Matrix(prefix + "ffn_gate_shexp.weight", settings.Embedding, settings.FeedForward);
            weights.Matrix(prefix + "ffn_up_shexp.weight", settings.Embedding, settings.FeedForward);
            weights.Matrix(prefix + "ffn_down_shexp.weight", settings.FeedForward, settings.Embedding);
        }
    }
}
