using System.ComponentModel;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Contract;

/// <summary>Tools as callers give them.</summary>
internal static class ContractTools
{
    public static readonly AIFunction Add = AIFunctionFactory.Create((int a, int b) => (long)a + b, "add", "Adds two numbers.");

    public static readonly AIFunction Weather = AIFunctionFactory.Create(
        ([Description("The city.")] string city) => $"It rains in {city}.", "get_weather", "Tells the weather of a city.");

    /// <summary>
    /// Schemas as Semantic Kernel sends them: a stray keyword "condition", optional parameters that "required" does not list, all types of
    /// JSON.
    /// </summary>
    public static IEnumerable<AITool> OfSemanticKernel(int count) => Enumerable.Range(1, count).Select(Declare);

    private static AIFunctionDeclaration Declare(int number) =>
        AIFunctionFactory.CreateDeclaration($"plugin_tool{number}", $"Does {number}.", Schema(number));

    private static JsonElement Schema(int number) => JsonDocument.Parse((number % 5) switch
    {
        0 => """{"type":"object","properties":{}}""",
        1 =>
            """{"type":"object","properties":{"level":{"type":"integer","condition":"x"},"note":{"type":"string"}},"required":"""
            + """["level"],"condition":"always"}""",
        2 => """{"type":"object","properties":{"on":{"type":"boolean"},"mode":{"enum":["slow","fast"]}},"required":["on","mode"]}""",
        3 =>
            """{"type":"object","properties":{"sizes":{"type":"array","items":{"type":"number"},"maxItems":2},"unit":"""
            + """{"type":["string","null"]}}}""",
        _ =>
            """{"type":"object","properties":{"at":{"type":"object","properties":{"x":{"type":"integer"}},"required":"""
            + """["x"]}},"required":["at"]}""",
    }).RootElement;
}
