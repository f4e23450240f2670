using Microsoft.Extensions.Hosting;

namespace KvNorm.Server.Models;

/// <summary>Loads the first model when the host starts, which does not wait for it, and again where the server is without any.</summary>
internal sealed class FirstModel(ServedModels models) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30); // a file that was away may be back

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => LoadAsync(stoppingToken), stoppingToken);

    private async Task LoadAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Pause);
        do
            await models.LoadFirstAsync(stoppingToken).ConfigureAwait(false);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }
}
