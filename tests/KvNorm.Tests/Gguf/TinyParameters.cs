namespace KvNorm.Tests.Gguf;

/// <summary>Writes the hyperparameters of a tiny model.</summary>
internal static class TinyParameters
{
    private const float Epsilon = 1e-5f; // of the norms

    public static void Write(GgufWriter file, TinyModelSettings settings)
    {
        string name = settings.Architecture;
        file.Add("general.architecture", name);
        file.Add("general.name", "tiny"); // a name with "phi3" in it would make llama.cpp look for its tokens
        file.Add($"{name}.vocab_size", (uint)TinyVocabulary.Count);
        file.Add($"{name}.block_count", (uint)settings.Layers);
        file.Add($"{name}.context_length", (uint)settings.ContextLength);
        file.Add($"{name}.embedding_length", (uint)settings.Embedding);
        file.Add($"{name}.feed_forward_length", (uint)settings.FeedForward);
        file.Add($"{name}.attention.layer_norm_rms_epsilon", Epsilon);
        file.Add($"{name}.attention.layer_norm_epsilon", Epsilon);
        WriteAttention(file, settings);
        WriteRope(file, settings);
        TinyArchitecture architecture = TinyArchitecture.Named(name);
        if (architecture.HasExperts)
            WriteExperts(file, settings);
        if (architecture.Recurrence is not null)
            WriteRecurrence(file, settings);
        if (name is "llama4" or "deepseek2")
            WriteNoLayersOfExperts(file, settings);
        if (architecture.HasLatents)
            WriteLatents(file, settings);
        if (architecture.HasEncoder)
            file.Add($"{name}.attention.relative_buckets_count", 8u);
        if (name == "stablelm")
            file.Add("stablelm.use_parallel_residual", false);
        if (name == "cohere2")
            file.Add("cohere2.logit_scale", 1f);
    }

    private static void WriteAttention(GgufWriter file, TinyModelSettings settings)
    {
        string name = settings.Architecture;
        TinyArchitecture architecture = TinyArchitecture.Named(name);
        file.Add($"{name}.attention.head_count", (uint)(architecture.HasAttention ? settings.Heads : 0));
        if (architecture.Recurrence is null || name == "qwen3next") // the latter counts its layers by an interval
            file.Add($"{name}.attention.head_count_kv", (uint)(settings.HasLatentCache ? 1 : settings.KeyValueHeads));
        else
            file.Add($"{name}.attention.head_count_kv", [.. Enumerable.Range(0, settings.Layers).Select(KeyValueHeads)]);
        int keys = settings.HasLatentCache ? TinyLayers.Latents + settings.RotatedLength!.Value : settings.HeadLength;
        int values = settings.HasLatentCache ? TinyLayers.Latents : settings.ValueLength ?? settings.HeadLength;
        file.Add($"{name}.attention.key_length", (uint)keys);
        file.Add($"{name}.attention.value_length", (uint)values);
        if (architecture.HasWindow)
            file.Add($"{name}.attention.sliding_window", (uint)settings.SlidingWindow);

        int KeyValueHeads(int layer) => architecture.IsAttention(layer, settings.Layers) ? settings.KeyValueHeads : 0;
    }

    private static void WriteRope(GgufWriter file, TinyModelSettings settings)
    {
        string name = settings.Architecture;
        file.Add($"{name}.rope.dimension_count", (uint)(settings.RotatedLength ?? settings.HeadLength));
        file.Add($"{name}.rope.freq_base", settings.RopeBase);
        if (TinyArchitecture.Named(name).HasPositionSections)
            file.Add($"{name}.rope.dimension_sections", [settings.HeadLength / 4, settings.HeadLength / 8, settings.HeadLength / 8, 0]);
        if (settings.LinearFactor is { } linear)
        {
            file.Add($"{name}.rope.scaling.type", "linear");
            file.Add($"{name}.rope.scaling.factor", linear);
        }

        if (settings.YarnFactor is { } yarn)
        {
            file.Add($"{name}.rope.scaling.type", "yarn");
            file.Add($"{name}.rope.scaling.factor", yarn);
            file.Add($"{name}.rope.scaling.original_context_length", (uint)settings.YarnOriginalLength);
        }

        if (settings.LongRopeFactors is not null)
        {
            file.Add($"{name}.rope.scaling.type", "longrope");
            file.Add($"{name}.rope.scaling.original_context_length", (uint)TinyModelSettings.LongRopeOriginalLength);
        }
    }

    private static void WriteExperts(GgufWriter file, TinyModelSettings settings)
    {
        string name = settings.Architecture;
        file.Add($"{name}.expert_count", (uint)TinyLayers.Experts);
        file.Add($"{name}.expert_used_count", (uint)TinyLayers.ExpertsUsed);
        file.Add($"{name}.expert_feed_forward_length", (uint)settings.FeedForward);
        if (TinyArchitecture.Named(name).HasSharedExpert)
            file.Add($"{name}.expert_shared_feed_forward_length", (uint)settings.FeedForward);
    }

    // These models cannot do without experts, but their first layers can.
    private static void WriteNoLayersOfExperts(GgufWriter file, TinyModelSettings settings)
    {
        WriteExperts(file, settings);
        file.Add($"{settings.Architecture}.interleave_moe_layer_step", 100u);
        file.Add($"{settings.Architecture}.leading_dense_block_count", (uint)settings.Layers);
        file.Add($"{settings.Architecture}.expert_shared_count", 1u);
    }

    private static void WriteLatents(GgufWriter file, TinyModelSettings settings)
    {
        string name = settings.Architecture;
        file.Add($"{name}.attention.q_lora_rank", (uint)TinyLayers.Latents);
        file.Add($"{name}.attention.kv_lora_rank", (uint)TinyLayers.Latents);
        if (!settings.HasLatentCache)
            return;
        file.Add($"{name}.attention.key_length_mla", (uint)settings.HeadLength);
        file.Add($"{name}.attention.value_length_mla", (uint)settings.ValueLength!.Value);
    }

    private static void WriteRecurrence(GgufWriter file, TinyModelSettings settings)
    {
        string name = settings.Architecture;
        bool isDeltaNet = name == "qwen3next";
        file.Add($"{name}.shortconv.l_cache", (uint)TinyRecurrence.ShortConvolutionLength);
        file.Add($"{name}.ssm.conv_kernel", (uint)TinyRecurrence.Convolution);
        file.Add($"{name}.ssm.state_size", (uint)TinyRecurrence.StateLength);
        int inner = isDeltaNet ? TinyRecurrence.Ranks * TinyRecurrence.StateLength : TinyRecurrence.Inner(settings);
        file.Add($"{name}.ssm.inner_size", (uint)inner);
        file.Add($"{name}.ssm.time_step_rank", (uint)TinyRecurrence.Ranks);
        file.Add($"{name}.ssm.group_count", 1u);
        file.Add($"{name}.full_attention_interval", (uint)settings.Layers);
    }
}
