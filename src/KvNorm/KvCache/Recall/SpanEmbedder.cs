using System.Numerics.Tensors;
using System.Threading.Channels;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace KvNorm.KvCache.Recall;

/// <summary>
/// Has texts embedded by an application's generator, in the background and several at a time. A text that was embedded is known for as long
/// as there is room, whatever conversation it is in. One that the generator refuses counts as one without words. When it takes none, or is
/// too slow, a warning says so once, and it is left alone for a minute.
/// Safe for concurrent use; nothing here waits for the generator but <see cref="EmbedQuestionAsync"/>.
/// </summary>
internal sealed class SpanEmbedder : IDisposable
{
    private const int MaximumBatch = 64;           // texts of one request to the generator
    private const int MaximumRefusals = 4;         // in a row, before it has taken any text; more, and it is the generator that fails
    private const int MaximumWaiting = 16_384;     // texts that wait for one: some 250,000 tokens
    private const long MaximumBytes = 64L << 20;   // of texts and vectors that are known
    private static readonly TimeSpan BatchTime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);

    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly ILogger _logger;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly long _maximumBytes;
    private readonly CancellationTokenSource _end = new();
    private readonly Channel<SpanVector> _waiting = Channel.CreateBounded<SpanVector>(MaximumWaiting);
    private readonly Lock _gate = new(); // over what is known, and the worker
    private readonly Dictionary<string, SpanVector> _known = new(StringComparer.Ordinal);
    private readonly Queue<SpanVector> _order = []; // of those, the oldest first
    private bool _works;
    private string? _taken; // a text that the generator took
    private long _bytes, _failedAt; // of those that are known; timestamp of the last failure, 0 for none
    private int _warned;

    /// <summary>Makes an embedder; the generator is not asked before there is something to embed.</summary>
    /// <param name="generator">The generator, which remains the application's.</param>
    /// <param name="logger">Told once when it fails.</param>
    /// <param name="patience">How long a question may take; more is a failure.</param>
    /// <param name="time">Tells the time.</param>
    /// <param name="maximumBytes">The maximum of bytes of texts and vectors that are known.</param>
    public SpanEmbedder(
        IEmbeddingGenerator<string, Embedding<float>> generator,
        ILogger logger,
        TimeSpan patience,
        TimeProvider time,
        long maximumBytes = MaximumBytes)
    {
        (_generator, _logger, _patience, _time, _maximumBytes) = (generator, logger, patience, time, maximumBytes);
    }

    /// <summary>The vector of a text, which is asked for unless it is known.</summary>
    public SpanVector Request(string text)
    {
        text = text.Trim();
        if (!text.Any(char.IsLetterOrDigit))
            return SpanVector.Nothing;
        lock (_gate)
        {
            if (!_known.TryGetValue(text, out SpanVector? vector))
                Keep(vector = new SpanVector(text));
            if (vector.Values is null)
                Ask(vector);
            return vector;
        }
    }

    /// <summary>Asks again for a vector that the generator did not give. One that had to make room is not asked for again.</summary>
    public void Retry(SpanVector vector)
    {
        lock (_gate)
        {
            if (vector.Values is null && _known.GetValueOrDefault(vector.Text) == vector)
                Ask(vector);
        }
    }

    /// <summary>The vector of a question.</summary>
    /// <param name="question">Its text.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when the generator does not give one in time.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<float[]?> EmbedQuestionAsync(string question, CancellationToken cancellationToken)
    {
        if (IsLeftAlone || string.IsNullOrWhiteSpace(question))
            return null;
        long start = _time.GetTimestamp();
        try
        {
            return (await GenerateAsync([question], _patience, cancellationToken).ConfigureAwait(false))[0];
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan left = _patience - _time.GetElapsedTime(start);
            if (await TakesOthersAsync(e, left, cancellationToken).ConfigureAwait(false) == false)
                Fail(e);
            return null;
        }
    }

    /// <summary>Asks the generator no more.</summary>
    public void Dispose() => _end.Cancel();

    private bool IsLeftAlone =>
        Volatile.Read(ref _failedAt) is var failed and not 0 && _time.GetElapsedTime(failed) < RetryAfter;

    // Within the gate, as all that follow up to the worker.
    private void Keep(SpanVector vector)
    {
        _known.Add(vector.Text, vector);
        _order.Enqueue(vector);
        Count(vector.Text.Length * sizeof(char));
    }

    private void Ask(SpanVector vector)
    {
        if (IsLeftAlone || _end.IsCancellationRequested || !vector.TryWait())
            return;
        if (!_waiting.Writer.TryWrite(vector))
            vector.StopWaiting();
        if (_works)
            return;
        _works = true; // for all callers, so the ambient values (traces, AsyncLocal) of this one stay behind
        ThreadPool.UnsafeQueueUserWorkItem(static embedder => _ = embedder.WorkAsync(), this, preferLocal: false);
    }

    // What is too much goes, the oldest first, for all conversations that have it.
    private void Count(long bytes)
    {
        for (_bytes += bytes; _bytes > _maximumBytes && _order.TryDequeue(out SpanVector? oldest);)
        {
            _known.Remove(oldest.Text);
            _bytes -= (oldest.Text.Length * sizeof(char)) + ((oldest.Values?.Length ?? 0) * sizeof(float));
            oldest.Values = null;
        }
    }

    private async Task WorkAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            List<SpanVector> batch = [await _waiting.Reader.ReadAsync(_end.Token).ConfigureAwait(false)];
            while (batch.Count < MaximumBatch && _waiting.Reader.TryRead(out SpanVector? next))
                batch.Add(next);
            if (!IsLeftAlone)
                await LearnAsync(batch).ConfigureAwait(false);
            batch.ForEach(static vector => vector.StopWaiting());
        }
    }

    private async Task LearnAsync(List<SpanVector> batch)
    {
        try
        {
            Learn(batch, await GenerateAsync([.. batch.Select(static one => one.Text)], BatchTime, _end.Token).ConfigureAwait(false));
        }
        catch (Exception e) when (!_end.IsCancellationRequested)
        {
            bool isFirst = _taken is null && batch.Count > 1 && e is not TimeoutException;
            if (isFirst || await TakesOthersAsync(e, BatchTime, _end.Token).ConfigureAwait(false) == true)
                await LearnEachAsync(batch).ConfigureAwait(false);
            else
                Fail(e);
        }
    }

    // One text that is refused must not stand for all that were asked for with it.
    private async Task LearnEachAsync(List<SpanVector> batch)
    {
        List<SpanVector> refused = [];
        Exception? last = null;
        for (int i = 0; i < batch.Count && last is not TimeoutException && (_taken is not null || refused.Count < MaximumRefusals); i++)
        {
            try
            {
                Learn([batch[i]], await GenerateAsync([batch[i].Text], BatchTime, _end.Token).ConfigureAwait(false));
            }
            catch (Exception e) when (!_end.IsCancellationRequested)
            {
                refused.Add(batch[i]);
                last = e;
            }
        }

        if (last is null || await TakesOthersAsync(last, BatchTime, _end.Token).ConfigureAwait(false) == true)
            refused.ForEach(static vector => vector.Values = []);
        else
            Fail(last);
    }

    // Whether a failure is that of one text: the generator still takes another. Null where the time was too short to find out.
    private async Task<bool?> TakesOthersAsync(Exception failure, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (failure is TimeoutException || Volatile.Read(ref _taken) is not { } taken)
            return false;
        if (timeout <= TimeSpan.Zero)
            return null;
        try
        {
            await GenerateAsync([taken], timeout, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return e is TimeoutException ? null : false;
        }
    }

    private void Learn(List<SpanVector> batch, float[][] vectors)
    {
        lock (_gate)
        {
            for (int i = 0; i < batch.Count; i++)
            {
                if (_known.GetValueOrDefault(batch[i].Text) != batch[i])
                    continue; // it had to go meanwhile
                batch[i].Values = vectors[i];
                Count(vectors[i].Length * sizeof(float));
            }

            Volatile.Write(ref _taken, batch[^1].Text);
        }
    }

    // Vectors of length 1, for each text one of the same number of dimensions. Apart from the caller: a generator may do its work before it
    // returns.
    private async Task<float[][]> GenerateAsync(string[] texts, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _end.Token);
        Task<GeneratedEmbeddings<Embedding<float>>> generating =
            Task.Run(() => _generator.GenerateAsync(texts, cancellationToken: linked.Token), linked.Token);
        try
        {
            GeneratedEmbeddings<Embedding<float>> made =
                await generating.WaitAsync(timeout, _time, cancellationToken).ConfigureAwait(false);
            if (made.Count != texts.Length)
                throw new InvalidDataException($"The embedding generator gave {made.Count} vectors for {texts.Length} texts.");
            return [.. made.Select(static embedding => Normalise(embedding.Vector.Span))];
        }
        finally
        {
            await linked.CancelAsync().ConfigureAwait(false); // one that takes too long may stop
        }
    }

    private static float[] Normalise(ReadOnlySpan<float> vector)
    {
        float length = TensorPrimitives.Norm(vector);
        if (vector.IsEmpty || !float.IsFinite(length) || length == 0)
            throw new InvalidDataException("The embedding generator gave a vector without a direction.");
        float[] normal = new float[vector.Length];
        TensorPrimitives.Divide(vector, length, normal);
        return normal;
    }

    private void Fail(Exception failure)
    {
        Volatile.Write(ref _failedAt, Math.Max(1, _time.GetTimestamp()));
        if (Interlocked.Exchange(ref _warned, 1) == 0)
            LogMessages.EmbeddingFailed(_logger, failure);
    }
}
