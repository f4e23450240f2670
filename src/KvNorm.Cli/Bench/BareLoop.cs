using System.Diagnostics;
using KvNorm.Runtime;

namespace KvNorm.Cli.Bench;

/// <summary>The shortest program over the native calls: decode a prompt, then sample and decode. The limit that the client is measured against.</summary>
internal sealed class BareLoop : IDisposable
{
    private readonly LlamaContext _context;
    private readonly LlamaVocabulary _vocabulary;

    public BareLoop(LlamaModel model, LlamaContextSettings settings) =>
        (_context, _vocabulary) = (new LlamaContext(model, settings), model.Vocabulary);

    /// <summary>Times a prompt up to the first token drawn, and the tokens after it.</summary>
    /// <param name="prompt">Tokens of the prompt.</param>
    /// <param name="answer">Tokens to draw.</param>
    public (TimeSpan Prefill, TimeSpan Decode) Run(ReadOnlySpan<int> prompt, int answer)
    {
        LlamaSequence sequence = _context.Sequences[0];
        sequence.Clear();
        using LlamaSampler sampler = new(new SamplingOptions { Temperature = 0 }, _vocabulary);
        long start = Stopwatch.GetTimestamp();
        int position = 0;
        while (position < prompt.Length)
        {
            int count = Math.Min(_context.Batch.Capacity, prompt.Length - position);
            sequence.Decode(prompt.Slice(position, count), position, logits: position + count == prompt.Length);
            position += count;
        }

        int token = sampler.Sample(_context);
        long first = Stopwatch.GetTimestamp();
        for (int i = 1; i < answer; i++)
        {
            sequence.Decode([token], position++, logits: true);
            token = sampler.Sample(_context);
        }

        return (Stopwatch.GetElapsedTime(start, first), Stopwatch.GetElapsedTime(first));
    }

    public void Dispose() => _context.Dispose();
}
