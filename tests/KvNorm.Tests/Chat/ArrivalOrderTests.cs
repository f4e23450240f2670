using KvNorm.Chat;

namespace KvNorm.Tests.Chat;

public sealed class ArrivalOrderTests
{
    private readonly ArrivalOrder _order = new();
    private readonly List<int> _joined = [];
    private readonly TaskCompletionSource<int>[] _prepared = [.. Enumerable.Range(0, 4)
        .Select(static _ => new TaskCompletionSource<int>())];

    [Fact]
    public async Task JoinAsync_PreparedInAnyOrder_JoinAsTheyCame()
    {
        Task<int>[] arrivals = Arrive();
        foreach (int i in new[] { 2, 0, 3 })
            _prepared[i].SetResult(i);
        Assert.Equal(0, await arrivals[0]);
        Assert.False(arrivals[2].IsCompleted); // the one before it is not there yet
        _prepared[1].SetResult(1);
        await Task.WhenAll(arrivals);
        Assert.Equal([0, 1, 2, 3], _joined);
    }

    [Fact]
    public async Task JoinAsync_OneThatGivesUp_KeepsItsPlaceForThoseBeforeIt()
    {
        Task<int>[] arrivals = Arrive();
        _prepared[1].SetException(new InvalidOperationException());
        _prepared[2].SetResult(2);
        _prepared[3].SetResult(3);
        await Assert.ThrowsAsync<InvalidOperationException>(() => arrivals[1]);
        Assert.False(arrivals[2].IsCompleted);
        _prepared[0].SetResult(0);
        await Task.WhenAll(arrivals[2], arrivals[3]);
        Assert.Equal([0, 2, 3], _joined);
    }

    [Fact]
    public async Task JoinAsync_JoinThatFails_HoldsNobodyUp()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _order.JoinAsync(static () => Task.FromResult(1), static int (_) => throw new InvalidOperationException()));
        Assert.Equal(2, await _order.JoinAsync(static () => Task.FromResult(1), static value => value + 1));
    }

    [Fact]
    public async Task JoinAsync_CancelledWhileOthersPrepare_DoesNotWaitForThem()
    {
        TaskCompletionSource<int> slow = new();
        Task<int> first = _order.JoinAsync(() => slow.Task, static prepared => prepared);
        using CancellationTokenSource cancelled = new();
        Task<int> second = _order.JoinAsync(static () => Task.FromResult(2), static prepared => prepared, cancelled.Token);
        Assert.False(second.IsCompleted);
        await cancelled.CancelAsync();
        Assert.Equal(2, await second); // so that what was prepared belongs to somebody
        Assert.False(first.IsCompleted);
        slow.SetResult(1);
        await first;
    }

    private Task<int>[] Arrive() => [.. _prepared.Select(prepared => _order.JoinAsync(() => prepared.Task, Join))];

    private int Join(int number)
    {
        _joined.Add(number);
        return number;
    }
}
