using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Prompts;

/// <summary>Something that conversations hold and not every template takes.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Probes">Small conversations with it, in which each text stands once.</param>
/// <param name="Remedies">What helps where the template does not take it; the first that does is chosen.</param>
internal sealed record TemplateNeed(
    string Name, IReadOnlyList<TemplateMessage[]> Probes, params IReadOnlyList<TemplateRemedy> Remedies)
{
    /// <summary>Gets the tools that are told of beside the probes, where the template takes any.</summary>
    public IReadOnlyList<AIFunctionDeclaration> Tools { get; init; } = ProbeTools.Described;

    /// <summary>Gets whether the thoughts of the probes must be written, too.</summary>
    public bool WritesThoughts { get; init; }
}
