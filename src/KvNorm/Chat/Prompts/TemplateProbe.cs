using KvNorm.Chat.Dialects;
using KvNorm.Jinja;

namespace KvNorm.Chat.Prompts;

/// <summary>Finds out what a template takes, by rendering small conversations with it.</summary>
/// <param name="render">Renders messages and tools, each a dictionary.</param>
/// <param name="calls">How the model writes calls.</param>
internal sealed class TemplateProbe(
    Func<IReadOnlyList<object?>, IReadOnlyList<object?>, IReadOnlyList<JinjaText>> render, ToolCallFormat calls)
{
    private const string PartType = "\"thinking\"";

    /// <summary>The plan for the template.</summary>
    /// <param name="dialect">What is known of it.</param>
    public TemplatePlan Run(Dialect dialect)
    {
        TemplatePlan plan = new(
            new MessageForm(dialect.ReasoningKey, calls.IdLength), [], new Dictionary<string, string>(StringComparer.Ordinal));
        if (!dialect.RendersTools) // the model is told of another form of calls
            plan = plan.With(MessageStep.CallsAsText).With(MessageStep.ResultsAsText);
        return TemplateNeeds.All.Aggregate(plan, Serve);
    }

    private TemplatePlan Serve(TemplatePlan plan, TemplateNeed need)
    {
        if (Takes(plan, need))
            return plan.Knowing(need.Name, TemplatePlan.AsIs);
        foreach (TemplateRemedy remedy in need.Remedies)
        {
            TemplatePlan other = remedy.Apply(plan);
            if (Takes(other, need))
                return other.Knowing(need.Name, remedy.Name);
        }

        return plan.Knowing(need.Name, TemplatePlan.Nothing);
    }

    private bool Takes(TemplatePlan plan, TemplateNeed need) => need.Probes.All(probe => Writes(plan, probe, need));

    private bool Writes(TemplatePlan plan, TemplateMessage[] probe, TemplateNeed need)
    {
        try
        {
            IReadOnlyList<TemplateMessage> ordered = plan.Ordered(probe, calls);
            IReadOnlyList<JinjaText> pieces = render(
                [.. ordered.Select(plan.Form.Write)], ToolPrompt.ForTemplate(need.Tools, plan.Schemas));
            string text = string.Concat(pieces.Select(static piece => piece.Text));
            bool isDumped = text.Contains(PartType, StringComparison.Ordinal); // a list that the template does not look into
            return !isDumped && probe.All(message => message.Text.Length == 0 || Count(text, message.Text) == 1)
                && IsInOrder(text, ordered)
                && (!need.WritesThoughts || probe.All(message => text.Contains(message.Reasoning, StringComparison.Ordinal)));
        }
        catch (ChatTemplateException)
        {
            return false;
        }
    }

    // System text may stand anywhere.
    private static bool IsInOrder(string text, IReadOnlyList<TemplateMessage> messages)
    {
        int at = 0;
        foreach (string part in messages.Where(static message => !message.IsSystem).SelectMany(Parts))
        {
            at = text.IndexOf(part, at, StringComparison.Ordinal);
            if (at < 0)
                return false;
            at += part.Length;
        }

        return true;
    }

    private static IEnumerable<string> Parts(TemplateMessage message) =>
        [message.Text, .. message.Calls.Select(static call => (string)call.Arguments!["key"]!)];

    private static int Count(string text, string word)
    {
        int count = 0;
        for (int at = 0; (at = text.IndexOf(word, at, StringComparison.Ordinal)) >= 0; at += word.Length)
            count++;
        return count;
    }
}
