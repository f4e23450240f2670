using Spectre.Console;

namespace KvNorm.Cli.Models;

/// <summary>How far a download is: a bar with bytes, rate and time left.</summary>
internal static class PullProgress
{
    /// <summary>Runs a download and shows it.</summary>
    /// <param name="console">A terminal.</param>
    /// <param name="download">The download.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task ShowAsync(IAnsiConsole console, ModelDownload download, CancellationToken cancellationToken)
    {
        ProgressColumn[] columns =
        [
            new ProgressBarColumn(),
            new FetchedColumn(),
            new RemainingTimeColumn(),
        ];
        return console.Progress().Columns(columns).StartAsync(async context =>
        {
            // Of what is missing: what was here before would count for the rate.
            ProgressTask bar = context.AddTask("fetched", maxValue: download.Missing);
            await download.RunAsync(left => Show(bar, left), cancellationToken);
        });
    }

    private static void Show(ProgressTask bar, long left)
    {
        bar.MaxValue = Math.Max(bar.MaxValue, left); // it begins anew where the server cannot go on
        bar.Value = bar.MaxValue - left;
    }
}
