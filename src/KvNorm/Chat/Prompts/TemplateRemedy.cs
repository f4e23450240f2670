namespace KvNorm.Chat.Prompts;

/// <summary>What helps where a template does not take a conversation as it is.</summary>
/// <param name="Name">What happens to the conversation.</param>
/// <param name="Apply">The plan with it.</param>
internal sealed record TemplateRemedy(string Name, Func<TemplatePlan, TemplatePlan> Apply)
{
    /// <summary>A step in the order of messages.</summary>
    public static TemplateRemedy Of(string name, MessageStep step) => new(name, plan => plan.With(step));

    /// <summary>Another form of messages.</summary>
    public static TemplateRemedy Of(string name, Func<MessageForm, MessageForm> form) =>
        new(name, plan => plan with { Form = form(plan.Form) });

    /// <summary>Schemas of tools that say more.</summary>
    public static TemplateRemedy Of(string name, SchemaNeeds schemas) => new(name, plan => plan with { Schemas = schemas });
}
