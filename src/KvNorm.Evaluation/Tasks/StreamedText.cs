using System.Diagnostics;
using KvNorm.Evaluation.Models;

namespace KvNorm.Evaluation.Tasks;

/// <summary>Reads a text token by token into the cells that an arm has.</summary>
internal sealed class StreamedText : IDisposable
{
    private readonly EvaluationModel _model;
    private readonly EvaluationArm _arm;
    private readonly EvictionPolicy _policy;
    private readonly int _cells;
    private readonly int[] _begin; // what stands before every text
    private readonly List<int> _read = [];
    private EvaluationCache _cache;
    private int _evictionsBefore, _drops;
    private TimeSpan _dropping; // all drops together

    public StreamedText(ItemRequest request, ArmShare arm, IReadOnlyList<int> tokens)
    {
        (_model, _arm) = (request.Model, arm.Arm);
        _cells = _arm.Kind == EvaluationArmKind.Full ? tokens.Count : arm.Rows(tokens.Count);
        _policy = _arm.PolicyFor(request, tokens);
        _begin = new TurnWriter(_model).Begin();
        _cache = _model.Create(_cells, _policy);
        _cache.PinPrefix(_begin.Length);
    }

    public EvaluationCache Cache => _cache;

    /// <summary>Gets the times that something was taken out.</summary>
    public int Evictions => _cache.Evictions + _drops;

    /// <summary>Gets the milliseconds that this took, reading again included.</summary>
    public double EvictionMilliseconds => _cache.EvictionMilliseconds + _dropping.TotalMilliseconds;

    /// <summary>Gets the tokens since then; null before the first time.</summary>
    public int? Distance { get; private set; }

    public void Read(ReadOnlySpan<int> tokens, CancellationToken cancellationToken)
    {
        foreach (int token in tokens)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_arm.Kind == EvaluationArmKind.DropOldest && _cache.Cells == _cells)
                DropOlderHalf(cancellationToken);
            _cache.Prefill([token], cancellationToken);
            _read.Add(token);
            Distance = Evictions > _evictionsBefore ? 0 : Distance + 1;
            _evictionsBefore = Evictions;
        }
    }

    /// <summary>Reads the beginning, which fits, at once.</summary>
    public void ReadBeginning(ReadOnlySpan<int> tokens, CancellationToken cancellationToken)
    {
        int fits = Math.Min(tokens.Length, _cells);
        _cache.Prefill(tokens[..fits], cancellationToken);
        _read.AddRange(tokens[..fits]);
        Read(tokens[fits..], cancellationToken);
    }

    public void Dispose() => _cache.Dispose();

    private void DropOlderHalf(CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        _cache.Dispose();
        _cache = _model.Create(_cells, _policy);
        _cache.Prefill([.. _begin, .. _read.TakeLast((_cells / 2) - _begin.Length)], cancellationToken);
        _dropping += Stopwatch.GetElapsedTime(start);
        _drops++;
    }
}
