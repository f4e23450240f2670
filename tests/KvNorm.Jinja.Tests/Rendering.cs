using System.Text.Json;
using KvNorm.Jinja.Tests.Oracle;

namespace KvNorm.Jinja.Tests;

/// <summary>Renders templates for tests.</summary>
internal static class Rendering
{
    public static IReadOnlyList<JinjaText> Pieces(string template, string variables = "{}", JinjaLimits? limits = null) =>
        JinjaTemplate.Parse(template, limits).Render(Variables(variables), new FixedClock());

    public static string Text(string template, string variables = "{}", JinjaLimits? limits = null) =>
        string.Concat(Pieces(template, variables, limits).Select(piece => piece.Text));

    /// <summary>The text, or the error of a template that fails; any other exception goes through.</summary>
    public static (string? Text, JinjaException? Error) Try(string template, string variables = "{}", JinjaLimits? limits = null)
    {
        try
        {
            return (Text(template, variables, limits), null);
        }
        catch (JinjaException error)
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
            property => property.Name.EndsWith("_token", StringComparison.Ordinal)
                ? new JinjaText(property.Value.GetString()!, FromTemplate: true)
                : (object?)property.Value.Clone(),
            StringComparer.Ordinal);
    }

    private sealed class FixedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => TemplateCases.Now;
    }
}
