using KvNorm.Evaluation;
using Spectre.Console;

namespace KvNorm.Cli;

/// <summary>How far an evaluation is: bars with the time left on a terminal, nothing in a pipe.</summary>
internal static class EvalProgress
{
    public static void Show(IReadOnlyList<EvaluationTask> tasks, Action<Action<EvaluationProgress>?> run)
    {
        if (Console.IsOutputRedirected || Console.IsErrorRedirected)
        {
            run(null);
            return;
        }

        ProgressColumn[] columns =
        [
            new TaskDescriptionColumn(),
            new ProgressBarColumn(),
            new PercentageColumn(),
            new ElapsedTimeColumn(),
            new RemainingTimeColumn(),
        ];
        AnsiConsole.Progress().Columns(columns).Start(context =>
        {
            Dictionary<EvaluationTask, ProgressTask> bars =
                tasks.ToDictionary(static task => task, task => context.AddTask(task.Name, autoStart: false));
            run(progress =>
            {
                ProgressTask bar = bars[progress.Task];
                if (!bar.IsStarted)
                    bar.StartTask();
                bar.MaxValue = progress.Total;
                bar.Value = progress.Done;
            });
        });
    }
}
