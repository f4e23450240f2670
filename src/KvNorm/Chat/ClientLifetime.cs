namespace KvNorm.Chat;

/// <summary>
/// The time in which a client may be used. Callers use the model beside the worker of <see cref="AnswerScheduler"/>; it is not freed under
/// their hands.
/// </summary>
/// <param name="stop">Stops that worker, in the middle of a callback perhaps that uses the model.</param>
/// <param name="free">Frees what the client owns.</param>
internal sealed class ClientLifetime(Action stop, Action free) : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly ReaderWriterLockSlim _use = new(LockRecursionPolicy.NoRecursion);
    private int _ended;

    /// <summary>Gets what is cancelled at the end.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>Requires that it has not ended.</summary>
    /// <exception cref="ObjectDisposedException">The client was disposed of.</exception>
    public void Require() => ObjectDisposedException.ThrowIf(_end.IsCancellationRequested, typeof(KvNormChatClient));

    /// <inheritdoc cref="Use{T}"/>
    public void Use(Action use) => Use(() =>
    {
        use();
        return true;
    });

    /// <summary>Uses the model.</summary>
    /// <exception cref="ObjectDisposedException">The client was disposed of.</exception>
    public T Use<T>(Func<T> use)
    {
        _use.EnterReadLock();
        try
        {
            Require();
            return use();
        }
        finally
        {
            _use.ExitReadLock();
        }
    }

    /// <summary>Waits for something, until the end at most.</summary>
    /// <exception cref="ObjectDisposedException">The client was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<T> WaitAsync<T>(Func<CancellationToken, Task<T>> wait, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _end.Token);
        try
        {
            return await wait(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw Cancelled(cancellationToken);
        }
    }

    /// <summary>Ends it, waits until nobody uses the model, and frees it. A second time nothing happens.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
            return;
        _end.Cancel();
        stop();
        _use.EnterWriteLock();
        try
        {
            free();
        }
        finally
        {
            _use.ExitWriteLock();
        }
    }

    /// <summary>What the caller of a cancelled request is told. Disposal cancels like a caller does, but is told apart.</summary>
    public Exception Cancelled(CancellationToken cancellationToken) => _end.IsCancellationRequested
        ? new ObjectDisposedException(nameof(KvNormChatClient), "The client was disposed of during the request.")
        : new OperationCanceledException(cancellationToken);
}
