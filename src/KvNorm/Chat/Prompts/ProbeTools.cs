using System.Text.Json;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Prompts;

/// <summary>The tools that a template is given to find out what it takes.</summary>
internal static class ProbeTools
{
    /// <summary>One with everything that a template may look for.</summary>
    public static readonly IReadOnlyList<AIFunctionDeclaration> Described =
        [Tool("A tool.", """{"type":"object","properties":{"key":{"type":"string","description":"A key."}}}""")];

    /// <summary>Schemas as applications have them, which say little, or say it in another way.</summary>
    public static readonly IReadOnlyList<AIFunctionDeclaration> Odd =
    [
        Tool("", """{"type":"object"}"""),
        Tool("", """
            {
              "type": "object",
              "properties": {
                "any": {}, "text": {"type": "string"}, "optional": {"type": ["string", "null"]},
                "either": {"type": ["string", "integer"], "description": "Both."}, "null": {"type": "null"},
                "union": {"anyOf": [{"type": "string"}, {"type": "null"}]}, "referred": {"$ref": "#/$defs/other"},
                "choice": {"enum": ["a", 1]}, "list": {"type": "array"}, "texts": {"type": "array", "items": {"type": ["string", "null"]}},
                "object": {"type": "object", "description": "It."},
                "nested": {"type": "object", "properties": {"in": {"type": ["string", "null"]}}, "required": ["in"]},
                "map": {"type": "object", "additionalProperties": {"type": ["integer", "null"]}}
              },
              "$defs": {"other": {"type": "string"}}
            }
            """),
    ];

    private static AIFunctionDeclaration Tool(string description, string schema) =>
        AIFunctionFactory.CreateDeclaration("probe_tool", description, JsonElement.Parse(schema));
}
