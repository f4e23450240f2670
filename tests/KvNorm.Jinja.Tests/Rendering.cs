using System.Text.Json;
using KvNorm.Jinja;

namespace KvNorm.Tests.Jinja;

/// <summary>Renders templates for tests.</summary>
internal static class Rendering
{
    public static IReadOnlyList<JinjaText> Pieces(string template, string variables = "{}", JinjaLimits? limits = null) =>
        JinjaTemplate.Parse(template, limits).Render(Variables(variables), limits, new FixedClock());

    public static string Text(string template, string variables = "{}", JinjaLimits? limits = null) =>
        string.Concat(Pieces(template, variables, limits).Select(piece => piece.Text));

    /// <summary>The text, or the error of a template that fails; any other exception goes through.</summary>
    public static (string? Text, ChatTemplateException? Error) Try(string template, string variables = "{}", JinjaLimits? limits = null)
    {
        try
        {
            return (Text(template, variables, limits), null);
        }
        catch (ChatTemplateException error)
        {
            return (null, error);
        }
    }

    /// <summary>The variables of a JSON object, the tokens among them as the template's own text.</summary>
    public static Dictionary<string, object?> Variables(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().ToDictionary(
            property => property.Name,
            property => property.Name.EndsWith("_token", StringComparison.Ordinal) ? JinjaString.Template(property.Value.GetString()!) : (object?)property.Value.Clone(),
            StringComparer.Ordinal);
    }

    private sealed class FixedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => Oracle.Now;
    }
}
