namespace KvNorm.Tests.Gguf;

/// <summary>Layers that keep a state of fixed size in place of keys and values.</summary>
internal static class TinyRecurrence
{
    public const int Convolution = 4, ShortConvolutionLength = 3, StateLength = 16, Ranks = 4;

    /// <summary>Elements of the inner vector: llama.cpp allows twice the embedding alone.</summary>
    public static int Inner(TinyModelSettings settings) => 2 * settings.Embedding;

    public static void Mamba(TinyWeights weights, TinyModelSettings settings, string prefix)
    {
        int inner = Inner(settings);
        weights.Matrix(prefix + "ssm_in.weight", settings.Embedding, 2 * inner);
        weights.Matrix(prefix + "ssm_conv1d.weight", Convolution, inner);
        weights.Bias(prefix + "ssm_conv1d.bias", inner);
        weights.Matrix(prefix + "ssm_x.weight", inner, Ranks + (2 * StateLength));
        weights.Matrix(prefix + "ssm_dt.weight", Ranks, inner);
        weights.Bias(prefix + "ssm_dt.bias", inner);
        weights.Constant(prefix + "ssm_a", -1, StateLength, inner); // below 0, or the state grows without end
        weights.Ones(prefix + "ssm_d", inner);
        weights.Matrix(prefix + "ssm_out.weight", inner, settings.Embedding);
    }

    public static void Mamba2(TinyWeights weights, TinyModelSettings settings, string prefix)
    {
        int inner = Inner(settings), convolved = inner + (2 * StateLength);
        weights.Matrix(prefix + "ssm_in.weight", settings.Embedding, inner + convolved + Ranks);
        weights.Matrix(prefix + "ssm_conv1d.weight", Convolution, convolved);
        weights.Bias(prefix + "ssm_conv1d.bias", convolved);
        weights.Bias(prefix + "ssm_dt.bias", Ranks);
        weights.Constant(prefix + "ssm_a", -1, 1, Ranks);
        weights.Ones(prefix + "ssm_d", 1, Ranks);
        weights.Ones(prefix + "ssm_norm.weight", inner, 1);
        weights.Matrix(prefix + "ssm_out.weight", inner, settings.Embedding);
    }

    public static void ShortConvolution(TinyWeights weights, TinyModelSettings settings, string prefix)
    {
        weights.Matrix(prefix + "shortconv.conv.weight", ShortConvolutionLength, settings.Embedding);
        weights.Matrix(prefix + "shortconv.in_proj.weight", settings.Embedding, 3 * settings.Embedding);
        weights.Matrix(prefix + "shortconv.out_proj.weight", settings.Embedding, settings.Embedding);
    }

    public static void DeltaNet(TinyWeights weights, TinyModelSettings settings, string prefix)
    {
        int values = Ranks * StateLength, mixed = values + (2 * StateLength);
        weights.Matrix(prefix + "attn_qkv.weight", settings.Embedding, mixed);
        weights.Matrix(prefix + "attn_gate.weight", settings.Embedding, values);
        weights.Matrix(prefix + "ssm_conv1d.weight", Convolution, mixed);
        weights.Bias(prefix + "ssm_dt.bias", Ranks);
        weights.Constant(prefix + "ssm_a", -1, Ranks);
        weights.Matrix(prefix + "ssm_ba.weight", settings.Embedding, 2 * Ranks);
        weights.Ones(prefix + "ssm_norm.weight", StateLength);
        weights.Matrix(prefix + "ssm_out.weight", values, settings.Embedding);
    }
}
