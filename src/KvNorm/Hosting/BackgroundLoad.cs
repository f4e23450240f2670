using Microsoft.Extensions.Hosting;

namespace KvNorm.Hosting;

/// <summary>
/// Loads the model while the host starts, where the options say so. The host does not wait for it, and goes on without it when that fails.
/// </summary>
internal sealed class BackgroundLoad(ChatClientLoader loader) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        loader.Options.LoadAtStart ? Task.Run(() => Load(stoppingToken), stoppingToken) : Task.CompletedTask;

    private void Load(CancellationToken stoppingToken)
    {
        try
        {
            loader.Load(stoppingToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogMessages.LoadFailed(loader.Logger, loader.Options.ModelPath, e);
        }
    }
}
