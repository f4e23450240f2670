namespace KvNorm.Evaluation.Models;

/// <summary>
/// How a family of models writes turns. Tasks cut a conversation into tokens turn by turn, which a rendered template does not allow.
/// </summary>
/// <param name="Begin">The special token before everything; empty for none.</param>
/// <param name="Start">The special token before a role; empty for none.</param>
/// <param name="AfterRole">The special token after a role; empty for none.</param>
/// <param name="Separator">Text between role and content.</param>
/// <param name="End">The special token after the content; empty for none.</param>
/// <param name="AfterEnd">Text after it.</param>
/// <param name="Roles">How system, user, assistant and tool are called.</param>
internal sealed record TurnFormat(
    string Begin, string Start, string AfterRole, string Separator, string End, string AfterEnd, IReadOnlyList<string> Roles)
{
    private static readonly TurnFormat[] Table =
    [
        new("", "<|im_start|>", "", "\n", "<|im_end|>", "\n", ["system", "user", "assistant", "tool"]),
        new(
            "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "\n\n", "<|eot_id|>", "",
            ["system", "user", "assistant", "ipython"]),
        new("<bos>", "<start_of_turn>", "", "\n", "<end_of_turn>", "\n", ["user", "user", "model", "user"]),
    ];

    /// <summary>Gets what is written for a model without turns.</summary>
    public static TurnFormat Plain { get; } = new("", "", "", ": ", "", "\n\n", ["System", "User", "Assistant", "Tool"]);

    /// <summary>The format whose marks the model has; plain text where it has none of them.</summary>
    public static TurnFormat For(EvaluationModel model) =>
        Array.Find(Table, format => model.FindSpecialToken(format.Start) is not null && model.FindSpecialToken(format.End) is not null)
        ?? Plain;
}
