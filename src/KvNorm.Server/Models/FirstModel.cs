using Microsoft.Extensions.Hosting;

namespace KvNorm.Server.Models;

/// <summary>Loads the first model when the host starts, which does not wait for it.</summary>
internal sealed class FirstModel(ServedModels models) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Run(() => models.LoadFirstAsync(stoppingToken), stoppingToken);
}
