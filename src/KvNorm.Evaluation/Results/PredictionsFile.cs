using System.Text;
using System.Text.Json;

namespace KvNorm.Evaluation.Results;

/// <summary>predictions.jsonl: what was measured, line by line, so that a run that was stopped goes on where it was.</summary>
internal sealed class PredictionsFile
{
    public const string Name = "predictions.jsonl";

    private readonly string _path;
    private readonly Dictionary<PredictionKey, Prediction> _predictions = [];
    private readonly Dictionary<PredictionKey, int> _missing = []; // questions that an arm has not answered of an item it began

    private List<string>? _whole; // the lines to go on with, where the file has others, too
    private EvaluationRunFacts? _begun; // this start of the run, while nothing was measured

    private PredictionsFile(string path) => _path = path;

    /// <summary>Gets every start of the run.</summary>
    public List<EvaluationRunFacts> Runs { get; } = [];

    /// <summary>Gets what was measured; of a question that was asked twice, the latest.</summary>
    public IReadOnlyCollection<Prediction> Predictions => _predictions.Values;

    /// <summary>Reads the file of a folder, if it is there, and changes nothing: a run may be writing it.</summary>
    /// <param name="folder">The folder, which exists.</param>
    /// <param name="warn">Told of every broken line.</param>
    public static PredictionsFile Open(string folder, Action<string> warn)
    {
        PredictionsFile file = new(Path.Combine(folder, Name));
        if (!File.Exists(file._path))
            return file;
        string text = ReadShared(file._path);
        string[] lines = text.Split('\n');
        int count = lines.Length - (text.EndsWith('\n') || text.Length == 0 ? 1 : 0);
        List<string> whole = [];
        for (int i = 0; i < count; i++)
        {
            if (file.TryRead(lines[i]))
                whole.Add(lines[i]);
            else
                warn($"line {i + 1} of {file._path} is broken and left out; a run that goes on measures again what is missing");
        }

        if (file._predictions.Count == 0) // starts that measured nothing, of earlier versions or with broken lines alone
        {
            file.Runs.Clear();
            whole.Clear();
        }

        if (whole.Count < count || count == lines.Length)
            file._whole = whole;
        return file;
    }

    /// <summary>Whether an arm has answered all questions of an item.</summary>
    public bool IsDone(PredictionKey arm) => _missing.TryGetValue(arm, out int missing) && missing <= 0;

    /// <summary>
    /// Says what is measured from here on, and takes lines that are broken, or starts that measured nothing, out of the file. It is written
    /// down with the first prediction: a start that fails before leaves the folder to any other run.
    /// </summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file must not be written.</exception>
    public void Begin(EvaluationRunFacts run)
    {
        File.AppendAllText(_path, ""); // whether it can be written is known before anything is measured
        if (_whole is not null)
            Rewrite(_path, _whole);
        _whole = null;
        _begun = run;
    }

    /// <summary>Adds what was measured of an arm on an item.</summary>
    public void Append(IReadOnlyList<Prediction> predictions)
    {
        foreach (Prediction prediction in predictions)
            Take(prediction);
        IEnumerable<ResultLine> lines = predictions.Select(static prediction => new ResultLine(Prediction: prediction));
        if (_begun is { } run)
        {
            Runs.Add(run);
            lines = lines.Prepend(new ResultLine(Run: run));
            _begun = null;
        }

        Write(lines);
    }

    private static string ReadShared(string path)
    {
        using StreamReader reader = new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    // A new file takes the old one's place, so that nothing is lost when this is stopped half-way.
    private static void Rewrite(string path, IEnumerable<string> lines)
    {
        string unfinished = path + ".new";
        File.WriteAllLines(unfinished, lines);
        File.Move(unfinished, path, overwrite: true);
    }

    private void Write(IEnumerable<ResultLine> lines)
    {
        StringBuilder text = new();
        foreach (ResultLine line in lines)
            text.Append(JsonSerializer.Serialize(line, ResultJson.Line)).Append('\n');
        File.AppendAllText(_path, text.ToString());
    }

    private bool TryRead(string text)
    {
        try
        {
            ResultLine? line = JsonSerializer.Deserialize<ResultLine>(text, ResultJson.Line);
            if (line?.Run is { } run)
                Runs.Add(run);
            else if (line?.Prediction is { } prediction)
                Take(prediction);
            else
                return false;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Take(Prediction prediction)
    {
        if (!_predictions.ContainsKey(prediction.Key))
            _missing[prediction.Key.OfArm()] = _missing.GetValueOrDefault(prediction.Key.OfArm(), prediction.Probes) - 1;
        _predictions[prediction.Key] = prediction;
    }
}
