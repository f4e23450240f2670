using KvNorm.Chat.Dialects;

namespace KvNorm.Chat.Prompts;

/// <summary>What is done to conversations for one template.</summary>
/// <param name="Form">How messages are written.</param>
/// <param name="Steps">What is done to their order.</param>
/// <param name="Remedies">
/// What serves each need of <see cref="TemplateNeeds"/>, by its name: <see cref="AsIs"/>, a remedy, or <see cref="Nothing"/>.
/// </param>
internal sealed record TemplatePlan(MessageForm Form, SortedSet<MessageStep> Steps, IReadOnlyDictionary<string, string> Remedies)
{
    /// <summary>The template takes it as it is.</summary>
    public const string AsIs = "as it is";

    /// <summary>No remedy serves.</summary>
    public const string Nothing = "not";

    /// <summary>Gets what the template cannot do without in the schemas of tools.</summary>
    public SchemaNeeds Schemas { get; init; }

    /// <summary>The plan with a further step.</summary>
    public TemplatePlan With(MessageStep step) => this with { Steps = [.. Steps, step] };

    /// <summary>The plan with what serves a need.</summary>
    public TemplatePlan Knowing(string need, string remedy) =>
        this with { Remedies = new Dictionary<string, string>(Remedies, StringComparer.Ordinal) { [need] = remedy } };

    /// <summary>A conversation in the order that the template takes.</summary>
    public IReadOnlyList<TemplateMessage> Ordered(IReadOnlyList<TemplateMessage> messages, ToolCallFormat calls)
    {
        MessageOrder order = new(calls);
        return Steps.Aggregate(messages, (ordered, step) => order.Apply(step, ordered));
    }
}
