namespace KvNorm.Evaluation.Models;

/// <summary>Writes turns as tokens.</summary>
internal sealed class TurnWriter(EvaluationModel model)
{
    private readonly TurnFormat _format = TurnFormat.For(model);

    /// <summary>What stands before everything.</summary>
    public int[] Begin() => Special(_format.Begin);

    /// <summary>The beginning of a turn, up to its content.</summary>
    public int[] Open(TurnRole role) =>
        [.. Special(_format.Start), .. Text(_format.Roles[(int)role]), .. Special(_format.AfterRole), .. Text(_format.Separator)];

    /// <summary>The end of a turn.</summary>
    public int[] Close() => [.. Special(_format.End), .. Text(_format.AfterEnd)];

    /// <summary>A whole turn.</summary>
    public int[] Turn(TurnRole role, string content) => [.. Open(role), .. Text(content), .. Close()];

    /// <summary>Content.</summary>
    public int[] Text(string text) => [.. model.Tokenize(text)];

    private int[] Special(string mark) => model.FindSpecialToken(mark) is { } token ? [token] : [];
}
