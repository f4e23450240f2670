using System.Diagnostics;
using KvNorm.KvCache;
using KvNorm.Llama;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat;

/// <summary>One answer being written: prefill once, then a token at a time. Blocking; the client runs it on the thread pool.</summary>
internal sealed class Answer : IDisposable
{
    private readonly KvCacheManager _cache;
    private readonly LlamaVocabulary _vocabulary;
    private readonly LlamaSampler _sampler;
    private readonly AnswerText _text;
    private readonly int _most;
    private readonly List<int> _sampled = [];
    private readonly KvCacheStatistics _before;
    private TimeSpan _prefill, _decode;

    public Answer(KvCacheManager cache, LlamaVocabulary vocabulary, ChatRequest request)
    {
        (_cache, _vocabulary, _most, _before) = (cache, vocabulary, request.MaxOutputTokens, cache.Statistics);
        _sampler = new LlamaSampler(request.Sampling, vocabulary);
        _text = new AnswerText(vocabulary, request.StopSequences);
    }

    /// <summary>Gets why the answer ended; null while it goes on.</summary>
    public ChatFinishReason? FinishReason { get; private set; }

    /// <summary>Gets the tokens of the prompt.</summary>
    public int InputTokens { get; private set; }

    /// <summary>Gets those of them that the cache held already.</summary>
    public int CachedTokens { get; private set; }

    /// <summary>Reads what the cache does not hold of a prompt.</summary>
    public void Prefill(Prompt prompt, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        _cache.Pin(prompt.SystemEnd, prompt.OpenStart, prompt.OpenEnd);
        InputTokens = prompt.Tokens.Length;
        CachedTokens = _cache.Resume(prompt.Tokens);
        _cache.Read(prompt.Tokens.AsSpan(CachedTokens), logits: true, cancellationToken);
        _prefill = Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Draws tokens until there is text to show or the answer ends.</summary>
    /// <returns>The text; may be empty at the end.</returns>
    public string Next(CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        string text = "";
        while (text.Length == 0 && FinishReason is null)
            text = Draw(cancellationToken);
        _decode += Stopwatch.GetElapsedTime(start);
        return text;
    }

    /// <summary>Hands the finished answer to the encoder, so that its tokens are known when its text comes back.</summary>
    public void Remember(PromptEncoder encoder)
    {
        // Behind a stop sequence the tokens say more than the text; the text will be tokenised anew.
        if (!_text.Stopped)
            encoder.Remember(_text.ToString(), _sampled);
    }

    /// <summary>What the answer took.</summary>
    public (UsageDetails Usage, AdditionalPropertiesDictionary Times) Account()
    {
        KvCacheStatistics now = _cache.Statistics;
        UsageDetails usage = new()
        {
            InputTokenCount = InputTokens,
            OutputTokenCount = _sampled.Count,
            TotalTokenCount = InputTokens + _sampled.Count,
            CachedInputTokenCount = CachedTokens,
            AdditionalCounts = new AdditionalPropertiesDictionary<long>
            {
                [KvNormUsage.Evictions] = now.Evictions - _before.Evictions,
                [KvNormUsage.EvictedRows] = now.EvictedRows - _before.EvictedRows,
            },
        };
        AdditionalPropertiesDictionary times = new()
        {
            [KvNormUsage.PrefillMilliseconds] = _prefill.TotalMilliseconds,
            [KvNormUsage.DecodeMilliseconds] = _decode.TotalMilliseconds,
            [KvNormUsage.EvictionMilliseconds] = now.EvictionMilliseconds - _before.EvictionMilliseconds,
        };
        return (usage, times);
    }

    public void Dispose() => _sampler.Dispose();

    // The last token drawn is read only when another is wanted after it: its text goes out first, and the last of an answer is not read at all.
    private string Draw(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_sampled.Count > 0)
            _cache.Read([_sampled[^1]], logits: true, cancellationToken);
        int token = _sampler.Sample(_cache.Context);
        if (_vocabulary.IsEndOfGeneration(token))
        {
            FinishReason = ChatFinishReason.Stop;
            return _text.Finish();
        }

        _sampled.Add(token);
        string text = _text.Push(token);
        if (_text.Stopped)
            FinishReason = ChatFinishReason.Stop;
        else if (_sampled.Count >= _most)
            FinishReason = ChatFinishReason.Length;
        return FinishReason is null ? text : text + _text.Finish();
    }
}
