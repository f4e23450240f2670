using KvNorm.Jinja;

namespace KvNorm.Chat.Dialects;

/// <summary>Which variables a chat template reads.</summary>
internal static class TemplateVariables
{
    /// <summary>
    /// Whether a variable's name stands in the code of a template: not in its text, its strings or its comments, and not as an attribute.
    /// </summary>
    public static bool Uses(string template, string name)
    {
        try
        {
            return JinjaTemplate.FindNames(template).Contains(name);
        }
        catch (JinjaException)
        {
            return false; // it is no template, which is said where it is parsed
        }
    }
}
