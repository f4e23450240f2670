using KvNorm.Chat;

namespace KvNorm.Tests.Chat;

public sealed class ClientLifetimeTests
{
    [Fact]
    public async Task Dispose_WhileInUse_WaitsUntilItIsNot()
    {
        bool freed = false;
        using ClientLifetime lifetime = new(static () => { }, () => freed = true);
        using ManualResetEventSlim inUse = new(), go = new();
        Task<bool> use = Task.Run(() => lifetime.Use(() =>
        {
            inUse.Set();
            go.Wait();
            return freed;
        }));
        inUse.Wait();
        Task end = Task.Run(lifetime.Dispose);
        while (!lifetime.End.IsCancellationRequested)
            await Task.Yield();
        go.Set();
        Assert.False(await use);
        await end;
        Assert.True(freed);
    }

    [Fact]
    public void Use_AfterTheEnd_IsRefused()
    {
        int freed = 0;
        ClientLifetime lifetime = new(static () => { }, () => freed++);
        lifetime.Use(static () => { });
        lifetime.Dispose();
        lifetime.Dispose();
        Assert.Equal(1, freed);
        Assert.Throws<ObjectDisposedException>(lifetime.Require);
        Assert.Throws<ObjectDisposedException>(() => lifetime.Use(static () => 1));
    }

    [Fact]
    public void Cancelled_TellsDisposalFromTheCallersOwn()
    {
        using ClientLifetime lifetime = new(static () => { }, static () => { });
        CancellationToken token = new(canceled: true);
        Assert.Equal(token, Assert.IsType<OperationCanceledException>(lifetime.Cancelled(token)).CancellationToken);
        lifetime.Dispose();
        Assert.IsType<ObjectDisposedException>(lifetime.Cancelled(token));
    }
}
