using System.Diagnostics;
using LLama;
using LLama.Native;

namespace KvNorm.Cli.Bench;

/// <summary>What a bare loop runs with.</summary>
/// <param name="ModelPath">The GGUF file.</param>
/// <param name="Cells">Cells of each sequence.</param>
/// <param name="BatchSize">The maximum number of tokens of a decode.</param>
/// <param name="Threads">CPU threads.</param>
/// <param name="Sequences">Sequences.</param>
internal sealed record BareLoopSettings(string ModelPath, int Cells, int BatchSize, int Threads, int Sequences = 1);

/// <summary>
/// The shortest program over LLamaSharp: decode a prompt, then sample and decode. The limit that the client is measured against.
/// </summary>
internal sealed class BareLoop : IDisposable
{
    private readonly SafeLLamaContextHandle _context;
    private readonly LLamaBatch _batch = new();
    private readonly int _batchSize;

    /// <summary>Makes a context like a client's.</summary>
    public BareLoop(LLamaWeights weights, BareLoopSettings settings)
    {
        (_, int cells, int batchSize, int threads, int sequences) = settings;
        LLamaContextParams parameters = LLamaContextParams.Default();
        parameters.n_ctx = (uint)(cells * sequences);
        parameters.n_seq_max = (uint)sequences;
        parameters.n_batch = parameters.n_ubatch = (uint)batchSize;
        parameters.n_threads = parameters.n_threads_batch = threads;
        parameters.llama_flash_attn_type = LLamaFlashAttentionType.LLAMA_FLASH_ATTENTION_TYPE_ENABLED;
        parameters.kv_unified = sequences == 1;
        parameters.swa_full = false;
        _context = SafeLLamaContextHandle.Create(weights.NativeHandle, parameters);
        _batchSize = batchSize;
    }

    /// <summary>Times a prompt up to the first token sampled, and the tokens after it.</summary>
    /// <param name="prompt">Tokens of the prompt.</param>
    /// <param name="held">How many of them are in the cache before the time is taken.</param>
    /// <param name="answer">Tokens to sample.</param>
    public (TimeSpan Prefill, TimeSpan Decode) Run(ReadOnlySpan<LLamaToken> prompt, int held, int answer)
    {
        _context.MemoryClear(data: false);
        Prefill(0, prompt[..held]);
        using SafeLLamaSamplerChainHandle sampler = Greedy();
        long start = Stopwatch.GetTimestamp();
        Prefill(0, prompt[held..], held);
        int position = prompt.Length;
        LLamaToken token = sampler.Sample(_context, -1);
        long first = Stopwatch.GetTimestamp();
        for (int i = 1; i < answer; i++)
        {
            _batch.Clear();
            _batch.Add(token, position++, (LLamaSeqId)0, logits: true);
            Decode();
            token = sampler.Sample(_context, -1);
        }

        return (Stopwatch.GetElapsedTime(start, first), Stopwatch.GetElapsedTime(first));
    }

    /// <summary>Decodes a prompt in one sequence, from a position on.</summary>
    public void Prefill(int sequence, ReadOnlySpan<LLamaToken> prompt, int position = 0)
    {
        for (int at = 0; at < prompt.Length; at += _batchSize)
        {
            _batch.Clear();
            int end = Math.Min(prompt.Length, at + _batchSize);
            for (int i = at; i < end; i++)
                _batch.Add(prompt[i], position + i, (LLamaSeqId)sequence, logits: i == prompt.Length - 1);
            Decode();
        }
    }

    /// <summary>Times so many tokens in each of some sequences, decoded together, and takes them out again.</summary>
    /// <param name="sequences">The numbers of the sequences.</param>
    /// <param name="position">The tokens that each of them holds.</param>
    /// <param name="tokens">Tokens to sample in each.</param>
    public TimeSpan RunTogether(IReadOnlyList<int> sequences, int position, int tokens)
    {
        SafeLLamaSamplerChainHandle[] samplers = [.. sequences.Select(static _ => Greedy())];
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < tokens; i++)
        {
            _batch.Clear();
            foreach (int sequence in sequences)
                _batch.Add(i + 1, position + i, (LLamaSeqId)sequence, logits: true);
            Decode();
            for (int s = 0; s < samplers.Length; s++)
                samplers[s].Sample(_context, s);
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        foreach ((SafeLLamaSamplerChainHandle sampler, int sequence) in samplers.Zip(sequences))
        {
            sampler.Dispose();
            _context.MemorySequenceRemove((LLamaSeqId)sequence, position, -1);
        }

        return elapsed;
    }

    public void Dispose() => _context.Dispose();

    private static SafeLLamaSamplerChainHandle Greedy()
    {
        SafeLLamaSamplerChainHandle chain = SafeLLamaSamplerChainHandle.Create(new LLamaSamplerChainParams { NoPerf = true });
        chain.AddGreedySampler();
        return chain;
    }

    private void Decode()
    {
        if (_context.Decode(_batch) is not DecodeResult.Ok and var result)
            throw new InvalidOperationException($"llama_decode: {result}");
    }
}
