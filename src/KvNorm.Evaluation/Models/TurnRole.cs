namespace KvNorm.Evaluation.Models;

/// <summary>Who speaks, in the order of <see cref="TurnFormat.Roles"/>.</summary>
internal enum TurnRole
{
    System,
    User,
    Assistant,
    Tool,
}
