using System.Reflection;
using KvNorm.Evaluation.Results;
using KvNorm.Evaluation.Tasks;

namespace KvNorm.Evaluation;

/// <summary>
/// Measures arms on tasks and writes down every answer as it comes. A run in a folder that has answers goes on with what is missing.
/// </summary>
public sealed class EvaluationRun
{
    private const string BeyondTraining = "what would hold more at once, the full cache among it, is left out, and the others evict "
        + "while the text is read, with contiguous positions";

    private readonly EvaluationModel _model;
    private readonly EvaluationSettings _settings;
    private readonly string _folder;
    private readonly DataSet? _data;

    /// <summary>Prepares a run.</summary>
    /// <param name="model">The model, which stays the caller's.</param>
    /// <param name="settings">What to measure.</param>
    /// <param name="folder">Where results go; made if it is not there.</param>
    /// <exception cref="ArgumentException">The settings ask for nothing that can be done.</exception>
    public EvaluationRun(EvaluationModel model, EvaluationSettings settings, string folder)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        settings.Validate();
        (_model, _settings, _folder) = (model, settings, folder);
        _data = settings.DataPath is { } path ? new DataSet(path) : null;
    }

    /// <summary>Runs what is missing. What was measured is on disk when this returns or throws.</summary>
    /// <param name="progress">Told after every arm of an item, on this thread.</param>
    /// <param name="warn">Told what the user should know: a broken line, items longer than the model was trained for.</param>
    /// <param name="cancellationToken">Stops the run; what is done stays.</param>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    /// <exception cref="ArgumentException">
    /// The folder holds results of another run, or of one that nobody knows; or the text is too short.
    /// </exception>
    public void Run(Action<EvaluationProgress>? progress = null, Action<string>? warn = null, CancellationToken cancellationToken = default)
    {
        warn ??= static _ => { };
        PredictionsFile file = Begin(warn);
        foreach (EvaluationTask task in _settings.Tasks)
        {
            Warn(task, warn);
            Run(task, file, progress, warn, cancellationToken);
        }
    }

    private static string CommitOfBuild()
    {
        // The SDK writes the commit behind the version: 0.1.0+<commit>.
        string version =
            typeof(EvaluationRun).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        int plus = version.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 ? "unknown" : version[(plus + 1)..];
    }

    private PredictionsFile Begin(Action<string> warn)
    {
        EvaluationRunFacts header = Header();
        try
        {
            Directory.CreateDirectory(_folder);
            PredictionsFile file = PredictionsFile.Open(_folder, warn);
            if (file.Predictions.Count > 0 && file.Runs.Count == 0)
                throw new ArgumentException($"'{_folder}' has results, but not what they were measured with; give another folder.");
            if (file.Runs.Select(header.DiffersFrom).FirstOrDefault(static difference => difference is not null) is { } difference)
                throw new ArgumentException($"'{_folder}' has results of {difference}; give another folder.");
            file.Begin(header);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Results cannot be written to the folder '{_folder}': {e.Message}", e);
        }
    }

    private void Warn(EvaluationTask task, Action<string> warn)
    {
        if (_model.TrainedLength <= 0)
            return;
        foreach (int length in _settings.LengthsOf(task).Where(length => length > _model.TrainedLength))
            warn($"{task.Name}: {length} tokens are more than the {_model.TrainedLength} that the model was trained for; "
                + (task.GoesBeyondTraining
                    ? BeyondTraining
                    : "they are left out, since there is no full cache to compare with"));
    }

    private void Run(
        EvaluationTask task,
        PredictionsFile file,
        Action<EvaluationProgress>? progress,
        Action<string> warn,
        CancellationToken cancellationToken)
    {
        List<ArmShare> arms = Arms(task);
        int items = ItemsOf(task), done = 0;
        int total = items * arms.Count * _settings.LengthsOf(task).Count;
        foreach (int length in _settings.LengthsOf(task))
        {
            for (int item = 0; item < items; item++)
            {
                PredictionKey ofItem = new(task.Name, task.Version, length, item, "", 0, "");
                ArmShare[] missing = [.. arms.Where(arm => !file.IsDone(ofItem with { Arm = arm.Arm.Name, Share = arm.Share }))];
                int before = done, measured = 0;
                ItemRequest request = new(_model, _settings.Text, _data, _settings.Seed, item, length);
                foreach (IReadOnlyList<Prediction> predictions in missing.Length == 0 ? [] : task.Run(request, missing, cancellationToken))
                {
                    file.Append(predictions);
                    progress?.Invoke(new EvaluationProgress(task, before + arms.Count - missing.Length + ++measured, total));
                }

                done = before + arms.Count;
                progress?.Invoke(new EvaluationProgress(task, done, total));
            }
        }

        if (task.NeedsData)
            WarnOfRecords(task, items, file, warn);
    }

    // How long a record is, is known when it was read: one that is too long has no full cache.
    private void WarnOfRecords(EvaluationTask task, int items, PredictionsFile file, Action<string> warn)
    {
        PredictionKey full = new(task.Name, task.Version, _settings.LengthsOf(task)[0], 0, EvaluationArm.Full.Name, 1, "");
        int tooLong = Enumerable.Range(0, items).Count(item => !file.IsDone(full with { Item = item }));
        if (tooLong > 0)
            warn($"{task.Name}: {tooLong} of {items} records are longer than the {_model.TrainedLength} tokens that the model was trained "
                + $"for; {BeyondTraining}");
    }

    private int ItemsOf(EvaluationTask task) => Math.Min(_settings.ItemsOf(task), task.Count(_data));

    private List<ArmShare> Arms(EvaluationTask task)
    {
        List<ArmShare> arms = [];
        foreach (EvaluationArm arm in _settings.ArmsToRun.Where(task.Measures))
        {
            if (arm.HasNoShare)
                arms.Add(new ArmShare(arm, 1));
            else
                arms.AddRange(_settings.SharesOf(task).Select(share => new ArmShare(arm, share)));
        }

        return arms;
    }

    private EvaluationRunFacts Header()
    {
        KvNormRuntimeFacts runtime = KvNormRuntimeFacts.Get();
        return new EvaluationRunFacts(
            _model.Name,
            _model.BytesPerCell,
            _settings.Seed,
            _settings.Text.Name,
            _settings.Text.Fingerprint,
            [.. _settings.Tasks.Select(task => $"{task.Name} v{task.Version}, {ItemsOf(task)} items")],
            [.. _settings.ArmsToRun.Select(static arm => arm.Name)],
            $"LLamaSharp {runtime.LlamaSharpVersion} ({runtime.Backend})",
            CommitOfBuild(),
            runtime.Devices.Where(static device => device.Name == "CPU").Select(static device => device.Description)
                .FirstOrDefault("unknown"),
            _model.Threads,
            DateTime.UtcNow)
        {
            CacheTypes = _model.CacheTypes,
            Devices = [.. runtime.Devices.Select(static device => $"{device.Name}: {device.Description}")],
            GpuLayers = _model.GpuLayers,
            ArchiveBytes = _model.ArchiveBytes,
            Data = _data?.Name,
            RecentWindow = _settings.RecentWindow,
            Shares = _settings.Shares,
            Lengths = _settings.Lengths,
        };
    }
}
