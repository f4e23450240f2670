namespace KvNorm.Chat;

/// <summary>Has requests that are prepared side by side join the queue in the order in which they came, however long each takes.</summary>
internal sealed class ArrivalOrder
{
    private Task _last = Task.CompletedTask; // ends when the last that came has joined or given up, and all before it

    /// <summary>Comes now, and joins when it is prepared and all that came before have joined or given up.</summary>
    /// <param name="prepare">Begins at once.</param>
    /// <param name="join">Comes after it, unless it failed. Always called then, so that what was prepared belongs to somebody.</param>
    /// <param name="cancelled">Joins without waiting for the others: its place among them means nothing any more.</param>
    public async Task<TJoined> JoinAsync<TPrepared, TJoined>(
        Func<Task<TPrepared>> prepare, Func<TPrepared, TJoined> join, CancellationToken cancelled = default)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before = Interlocked.Exchange(ref _last, done.Task);
        try
        {
            TPrepared prepared = await prepare().ConfigureAwait(false);
            await before.WaitAsync(cancelled).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return join(prepared);
        }
        finally
        {
            // One that gives up early keeps its place for those before it.
            _ = before.ContinueWith(
                static (_, done) => ((TaskCompletionSource)done!).SetResult(),
                done,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }
}
