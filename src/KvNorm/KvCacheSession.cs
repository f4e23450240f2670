using System.Numerics.Tensors;
using System.Text;
using KvNorm.Chat.Replies;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.Recall;
using KvNorm.KvCache.Slots;
using KvNorm.Runtime;
using Microsoft.Extensions.Logging;

namespace KvNorm;

/// <summary>
/// One sequence of tokens in a cache of its own, without a chat around it: prefill, evict, look at the next token, generate. For
/// evaluations and experiments,
/// which it serves by the calls that they see a model through: the log-likelihood of a continuation and greedy generation, before and after
/// an eviction.
/// Not safe for concurrent use, but for <see cref="Statistics"/> and <see cref="GetRetention"/>; sessions over one model can be used at the
/// same time.
/// </summary>
public sealed class KvCacheSession : IDisposable
{
    private readonly KvCacheSessionModel _model;
    private readonly KvCacheBudget _budget;
    private readonly EvictionPolicy _policy;
    private readonly bool _ownsModel;
    private readonly SlotPool _pool;
    private readonly Slot _slot;
    private readonly float[] _next; // the logits after the last token, (vocabulary)
    private int _pinned, _firstMessage; // tokens at the start, beside the policy's sinks; of the message behind them
    private bool _hasNext, _disposed;

    private KvCacheSession(KvCacheSessionModel model, KvCacheBudget budget, EvictionPolicy policy, bool ownsModel)
    {
        (_model, _budget, _policy, _ownsModel) = (model, budget, policy, ownsModel);
        _pool = new SlotPool(
            model.Model, model.Probe, budget, policy, model.Threads, model.Logger, archive: model.Archive, terms: model.Terms);
        _slot = _pool.Slots[0];
        _next = new float[model.Vocabulary.Count];
    }

    /// <summary>Gets what the cache holds and what happened in it. From any thread.</summary>
    public KvCacheStatistics Statistics => _pool.Statistics;

    /// <summary>Gets all tokens so far, held or not.</summary>
    public IReadOnlyList<int> Tokens => _slot.Conversation.Tokens.ToArray();

    /// <summary>
    /// Gets the logits after the last token, (vocabulary), valid until the session changes. An eviction leaves them as they were.
    /// </summary>
    /// <exception cref="InvalidOperationException">No token was prefilled.</exception>
    public ReadOnlySpan<float> NextLogits => HasNext
        ? _next
        : throw new InvalidOperationException("There are no logits before the first token was prefilled.");

    /// <summary>Gets whether the most likely token after the last one ends the answer.</summary>
    /// <inheritdoc cref="NextLogits" path="/exception"/>
    public bool IsAtEnd => Vocabulary.IsEndOfGeneration(TensorPrimitives.IndexOfMax(NextLogits));

    /// <summary>
    /// Gets the fewest rows that <see cref="Evict"/> can keep: some beside the pinned tokens, those of the last <see cref="Recall"/> among
    /// them, and the recent window, which is wider where layers have a sliding window.
    /// </summary>
    public int MinimumKeep => _pool.Plan.LeastBeside(_slot.Conversation.Pinned.Count);

    // A slot is empty after an eviction or a recall that failed half-way.
    private bool HasNext => _hasNext && _slot.Conversation.Length > 0;

    private LlamaVocabulary Vocabulary => _model.Vocabulary;

    /// <summary>Loads a model and makes an empty session that owns it.</summary>
    /// <param name="options">
    /// The model, the budget, the policy, the archive, GPU layers and threads, the rest has no meaning here; null for the defaults.
    /// </param>
    /// <param name="loggerFactory">Receives this library's and llama.cpp's log.</param>
    /// <exception cref="FileNotFoundException">There is no such model file.</exception>
    /// <exception cref="InvalidDataException">The file is not a GGUF file.</exception>
    /// <exception cref="NotSupportedException">The model is none whose cache can be bounded.</exception>
    /// <exception cref="KvCacheBudgetException">The budget is too small for any text.</exception>
    /// <exception cref="LlamaException">llama.cpp is of another release, or refused the model.</exception>
    public static KvCacheSession Create(KvNormChatOptions? options = null, ILoggerFactory? loggerFactory = null)
    {
        options = options?.Copy() ?? new KvNormChatOptions();
        options.Validate();
        KvCacheSessionModel model = KvCacheSessionModel.Load(options, loggerFactory?.CreateLogger("KvNorm"));
        try
        {
            return new KvCacheSession(model, options.KvCacheBudget, options.Policy, ownsModel: true);
        }
        catch
        {
            model.Model.Dispose();
            throw;
        }
    }

    /// <summary>An empty session over a client's model, which must outlive it.</summary>
    internal static KvCacheSession Over(KvCacheSessionModel model, KvCacheBudget budget, EvictionPolicy policy) =>
        new(model, budget, policy, ownsModel: false);

    /// <summary>
    /// Another session over the same model that holds the same: one prefill can be shared by many policies. The session that owns the model
    /// must outlive it.
    /// </summary>
    /// <param name="budget">Its budget; null for this one's.</param>
    /// <param name="policy">Its policy; null for this one's. What a scorer has learnt is taken over by a policy of the same name.</param>
    /// <exception cref="InvalidOperationException">
    /// Rows were evicted, and the other policy has another granularity or skips other layers; it looks at attention that was not read; or
    /// the model turns keys otherwise in a long cache (LongRoPE), and only one of the two is long.
    /// </exception>
    /// <exception cref="KvCacheBudgetException">What is held does not fit into the budget.</exception>
    public KvCacheSession Fork(KvCacheBudget? budget = null, EvictionPolicy? policy = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        KvCacheSession fork = new(_model, budget ?? _budget, policy ?? _policy, ownsModel: false);
        try
        {
            fork.CopyFrom(this);
            return fork;
        }
        catch
        {
            fork.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Takes what another session over the same model holds, in place of what is held here: as <see cref="Fork"/>, without a new cache.
    /// Where it does not fit, nothing changes.
    /// </summary>
    /// <param name="other">
    /// The other session, which stays as it is. What a scorer has learnt is taken over from a policy of the same name.
    /// </param>
    /// <exception cref="ArgumentException">The other session is over another model.</exception>
    /// <exception cref="InvalidOperationException">
    /// Rows were evicted, and the other policy has another granularity or skips other layers; it looks at attention that was not read; or
    /// the model turns keys otherwise in a long cache (LongRoPE), and only one of the two is long.
    /// </exception>
    /// <exception cref="KvCacheBudgetException">What is held does not fit into the budget.</exception>
    public void CopyFrom(KvCacheSession other)
    {
        ArgumentNullException.ThrowIfNull(other);
        ObjectDisposedException.ThrowIf(_disposed, this);
        ObjectDisposedException.ThrowIf(other._disposed, other);
        if (other._model != _model)
            throw new ArgumentException("The other session is over another model.", nameof(other));
        if (other == this)
            return;
        RequireRoomFor(other);
        Clear();
        if (other._slot.Conversation.Length > 0)
            TakeOver(other);
        PinPrefix(other._pinned, other._firstMessage);
    }

    /// <summary>The tokens of some text; what looks like a special token in it stays text.</summary>
    /// <param name="text">The text.</param>
    public IReadOnlyList<int> Tokenize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ObjectDisposedException.ThrowIf(_disposed, this);
        List<int> tokens = [];
        Vocabulary.TokenizeText(text, tokens);
        return tokens;
    }

    /// <summary>The special token that is written in some way, such as "&lt;|im_start|&gt;"; null when the model has none.</summary>
    /// <param name="text">The whole text of the token.</param>
    public int? FindSpecialToken(string text) => _model.Specials.TryGetValue(text, out int token) ? token : null;

    /// <summary>The text of some tokens, without special ones; bytes that are no UTF-8 become U+FFFD.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public string GetText(IEnumerable<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Vocabulary.Text(tokens);
    }

    /// <summary>Decodes tokens after the last one. What does not fit makes room for itself by evictions, as the budget says.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="cancellationToken">Stops between batches, and on the CPU inside them; what was decoded before stays.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public void Prefill(ReadOnlySpan<int> tokens, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (tokens.IsEmpty)
            return;
        _hasNext = false;
        _slot.Prefill(tokens, logits: true, cancellationToken);
        _pool.Context.Logits().CopyTo(_next);
        _hasNext = true;
    }

    /// <summary>Decodes the tokens of some text after the last one.</summary>
    /// <inheritdoc cref="Prefill(ReadOnlySpan{int}, CancellationToken)"/>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Stops between batches, and on the CPU inside them; what was decoded before stays.</param>
    public void Prefill(string text, CancellationToken cancellationToken = default) => Prefill([.. Tokenize(text)], cancellationToken);

    /// <summary>Says how many of the first tokens stay in all evictions to come, beside the policy's sinks.</summary>
    /// <param name="tokens">Such as those of a system prompt.</param>
    /// <param name="firstMessage">
    /// Tokens of the user's first message, behind them. As in a chat, it stays where it is at most an eighth of what an eviction keeps, and
    /// leaves as much room as it takes.
    /// </param>
    /// <exception cref="KvCacheBudgetException">
    /// They do not fit into what an eviction keeps, beside what stays after the last <see cref="Recall"/>.
    /// </exception>
    public void PinPrefix(int tokens, int firstMessage = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        ArgumentOutOfRangeException.ThrowIfNegative(firstMessage);
        RequireRoomFor(WithPrefix(_slot.Conversation.Pinned, tokens));
        (_pinned, _firstMessage) = (tokens, firstMessage);
        _slot.PinPrefix(tokens, (int)Math.Min((long)tokens + firstMessage, int.MaxValue));
    }

    /// <summary>
    /// Says that a new message begins, as every request of a chat does. From here on words count by how rare they are
    /// (<see cref="EvictionPolicy.RarityWeight"/>): what was said before can be brought back (<see cref="Recall"/>), and is found by these.
    /// Without <see cref="KvNormChatOptions.Recall"/> it changes nothing.
    /// </summary>
    public void BeginMessage()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _slot.Begin(_slot.Conversation.Length);
    }

    /// <summary>Evicts now, by the session's policy.</summary>
    /// <param name="keep">Rows that every head keeps: at least <see cref="MinimumKeep"/>, fewer than it holds.</param>
    /// <exception cref="ArgumentOutOfRangeException">So many cannot be kept.</exception>
    public EvictionTimings Evict(int keep)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(keep, _slot.Conversation.Ledger.Rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, MinimumKeep);
        return _slot.Evict(keep);
    }

    /// <summary>
    /// Brings back what was evicted of the sentences that a question asks for, as a chat does before it answers. In evictions to come they
    /// stay until the next recall. <see cref="NextLogits"/> remain what they were.
    /// </summary>
    /// <param name="question">The tokens of the question, which is to be prefilled next.</param>
    /// <returns>The tokens of which something came back; 0 where nothing was lacking.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public int Recall(ReadOnlySpan<int> question)
    {
        RequireTokens(question, nameof(question));
        ObjectDisposedException.ThrowIf(_disposed, this);
        int recalled = _slot.Recall(new RecallQuestion(question.ToArray()), question.Length).Tokens;
        _slot.Prefill([], logits: false); // where tokens are read again
        return recalled;
    }

    /// <summary>
    /// The scores by which a policy would choose among the rows held, rarity and spans included: nothing is evicted, and its scorer has
    /// learnt nothing before. With a policy whose scorer gives <see cref="HeadRows.Attention"/> as scores this reads attention, in a
    /// session of a policy that looks at as much of it.
    /// </summary>
    /// <param name="policy">The policy.</param>
    /// <returns>
    /// For each (layer, head) pair, layer by layer, a score for each row, (rows), in the order of their tokens; none for the layers that
    /// the session's own policy skips.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A number of the policy is none that it can be.</exception>
    /// <exception cref="InvalidOperationException">The policy looks at more attention than the session's own: it was not read.</exception>
    public IReadOnlyList<float[]> GetScores(EvictionPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        policy.Validate();
        ObjectDisposedException.ThrowIf(_disposed, this);
        _pool.Plan.RequireAttentionFor(policy);
        return _slot.Score(policy);
    }

    /// <summary>
    /// How likely a continuation of what is held is. Decodes its tokens one at a time, as an answer would be, with evictions where they are
    /// due;
    /// afterwards the session is as it was, but for the counts of its statistics.
    /// </summary>
    /// <param name="continuation">At least one token.</param>
    /// <param name="cancellationToken">Stops between tokens.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token, or none is given.</exception>
    /// <exception cref="InvalidOperationException">No token was prefilled.</exception>
    public LogLikelihood GetLogLikelihood(ReadOnlySpan<int> continuation, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(continuation.Length, nameof(continuation));
        RequireTokens(continuation, nameof(continuation));
        ObjectDisposedException.ThrowIf(_disposed, this);
        float[] before = NextLogits.ToArray();
        using ConversationSnapshot? snapshot = continuation.Length > 1 ? _slot.Save() : null; // one token needs no decode
        double[] each = new double[continuation.Length];
        bool greedy = true;
        try
        {
            for (int i = 0; i < each.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                each[i] = LogLikelihood.Of(NextLogits, continuation[i]);
                greedy &= continuation[i] == TensorPrimitives.IndexOfMax(NextLogits);
                if (i < each.Length - 1)
                    Prefill(continuation.Slice(i, 1), CancellationToken.None);
            }
        }
        finally
        {
            _hasNext = false; // unless everything is as it was
            if (snapshot is not null)
                _slot.Restore(snapshot);
            before.CopyTo(_next);
            _hasNext = true;
        }

        return new LogLikelihood(each, greedy);
    }

    /// <summary>Goes on with the most likely token again and again. The tokens stay in the session.</summary>
    /// <param name="maximumTokens">The maximum of tokens to generate.</param>
    /// <param name="stops">Text that ends the generation; it is not part of the result.</param>
    /// <param name="cancellationToken">Stops between tokens.</param>
    /// <returns>The text up to a stop, to a token that ends an answer, or to the maximum.</returns>
    /// <exception cref="InvalidOperationException">No token was prefilled.</exception>
    public string Generate(int maximumTokens, IEnumerable<string>? stops = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maximumTokens);
        ObjectDisposedException.ThrowIf(_disposed, this);
        StopScanner scanner = new(stops ?? []);
        Decoder decoder = Encoding.UTF8.GetDecoder();
        StringBuilder text = new();
        for (int count = 0; count < maximumTokens && !scanner.Stopped; count++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int token = TensorPrimitives.IndexOfMax(NextLogits);
            if (Vocabulary.IsEndOfGeneration(token))
                break;
            Prefill([token], CancellationToken.None);
            text.Append(scanner.Push(Decode(Vocabulary.PieceBytes(token), flush: false)));
        }

        return text.Append(scanner.Push(Decode([], flush: true))).Append(scanner.Finish()).ToString();

        string Decode(byte[] bytes, bool flush)
        {
            char[] characters = new char[decoder.GetCharCount(bytes, 0, bytes.Length, flush)];
            decoder.GetChars(bytes, 0, bytes.Length, characters, 0, flush);
            return new string(characters);
        }
    }

    /// <summary>Every token so far, and how much of it the cache still holds. From any thread.</summary>
    public IReadOnlyList<TokenRetention> GetRetention()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        bool isHeld = false;
        try
        {
            _model.Model.Handle.DangerousAddRef(ref isHeld); // Dispose may come meanwhile, and the vocabulary is a bare pointer
            return TokenRetention.Of(Vocabulary, _slot.Retention());
        }
        finally
        {
            if (isHeld)
                _model.Model.Handle.DangerousRelease();
        }
    }

    /// <summary>Forgets all tokens.</summary>
    public void Clear()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _hasNext = false;
        _slot.Clear();
    }

    /// <summary>Frees the cache, and the model where the session loaded it.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _pool.Dispose();
        if (_ownsModel)
            _model.Model.Dispose();
    }

    private void RequireTokens(ReadOnlySpan<int> tokens, string name)
    {
        foreach (int token in tokens)
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(unchecked((uint)token), (uint)_next.Length, name);
    }

    private PinnedTokens WithPrefix(PinnedTokens pinned, int prefix) =>
        pinned with { Prefix = _pool.Plan.Front(prefix), FirstMessageEnd = 0 };

    private void RequireRoomFor(PinnedTokens pinned) => _pool.Plan.KeptBeside(pinned.Count, _pool.Plan.Capacity);

    private void RequireRoomFor(KvCacheSession other)
    {
        RequireRoomFor(WithPrefix(default, other._pinned));
        int rows = other._slot.Conversation.Ledger.Cells, maximum = _pool.Plan.Capacity.High;
        if (rows > maximum)
            throw new KvCacheBudgetException($"The session holds {rows} rows, more than this budget's {maximum} cells.", rows, maximum);
        (EvictionPolicy own, EvictionPolicy others) = (_policy, other._policy);
        bool sharesRows = own.Granularity == others.Granularity && own.SkippedLayers.SequenceEqual(others.SkippedLayers);
        if (other._slot.Conversation.Ledger.PackedRows > 0 && !sharesRows)
            throw new InvalidOperationException("After an eviction both policies must have the same granularity and skip the same layers.");
        if (rows == 0)
            return;
        if (other._pool.Plan.Probe.TurnsAsInLongContext != _pool.Plan.Probe.TurnsAsInLongContext)
        {
            throw new InvalidOperationException(
                "The model turns keys otherwise in a long cache (LongRoPE), and only one of the two is long.");
        }

        other._pool.Plan.RequireAttentionFor(own);
    }

    private void TakeOver(KvCacheSession other)
    {
        using ConversationSnapshot snapshot = other._slot.Save();
        PinnedTokens pinned = WithPrefix(other._slot.Conversation.Pinned, other._pinned);
        bool hasRoom = _pool.Plan.RoomBeside(pinned.Count, _pool.Plan.Capacity.Low) > 0; // for what stays after the other's recall
        _slot.Restore(snapshot with
        {
            Statistics = _policy.Name == other._policy.Name ? snapshot.Statistics : null,
            Pinned = hasRoom ? snapshot.Pinned : snapshot.Pinned with { Recalled = null },
        });
        other._next.CopyTo(_next, 0);
        _hasNext = other.HasNext;
    }
}
