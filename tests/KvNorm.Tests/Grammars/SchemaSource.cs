using System.Text.Json.Nodes;

namespace KvNorm.Tests.Grammars;

/// <summary>Draws schemas that a grammar says exactly, and instances of them.</summary>
internal sealed class SchemaSource(Random random)
{
    private const string Letters = "abc \"\\\n/{}[]:,é€"; // none beyond the basic plane: NJsonSchema counts those twice

    /// <summary>A schema as draft 4 to 7 write it, with one definition that others may refer to.</summary>
    public JsonObject Draw()
    {
        JsonObject schema = Schema(3);
        schema["definitions"] = new JsonObject { ["leaf"] = Schema(0) };
        return schema;
    }

    public JsonNode? Instance(JsonObject schema, JsonObject root)
    {
        if (schema["$ref"] is not null)
            return Instance(schema.Root["definitions"]!["leaf"]!.AsObject(), root);
        if (schema["anyOf"] is JsonArray any)
            return Instance(any[random.Next(any.Count)]!.AsObject(), root);
        if (schema["enum"] is JsonArray values)
            return values[random.Next(values.Count)]?.DeepClone();
        return (string?)schema["type"] switch
        {
            "string" => Text((int)schema["minLength"]!, (int)schema["maxLength"]!),
            "integer" => random.Next((int)schema["minimum"]!, (int)schema["maximum"]! + 1),
            "number" => decimal.Round(
                (decimal)schema["minimum"]! + ((decimal)random.NextDouble() * ((decimal)schema["maximum"]! - (decimal)schema["minimum"]!)),
                3),
            "boolean" => random.Next(2) == 0,
            "array" => Items(schema, root),
            "object" => Members(schema, root),
            _ => null,
        };
    }

    private JsonObject Schema(int depth) => random.Next(depth > 0 ? 11 : 6) switch
    {
        0 => new JsonObject { ["type"] = "string", ["minLength"] = random.Next(3), ["maxLength"] = random.Next(3, 6) },
        1 => Range("integer", random.Next(-300, 300), random.Next(0, 500)),
        2 => Range("number", decimal.Round((decimal)random.NextDouble() * 40 - 20, random.Next(4)), 1 + random.Next(30)),
        3 => new JsonObject { ["type"] = "boolean" },
        4 => new JsonObject { ["type"] = "null" },
        5 => new JsonObject
        {
            ["enum"] = new JsonArray(random.Next(100), Text(0, 4), true, new JsonArray(1, "x"), new JsonObject { ["k"] = 1 }),
        },
        6 => new JsonObject { ["$ref"] = "#/definitions/leaf" },
        7 => new JsonObject { ["anyOf"] = new JsonArray(Schema(depth - 1), Schema(depth - 1)) },
        8 => Array(depth),
        _ => Object(depth),
    };

    private JsonObject Array(int depth)
    {
        int least = random.Next(3);
        JsonObject array = new() { ["type"] = "array", ["minItems"] = least, ["maxItems"] = least + random.Next(3) };
        if (random.Next(3) > 0)
        {
            array["items"] = Schema(depth - 1);
            return array;
        }

        array["items"] = new JsonArray([.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Schema(depth - 1))]);
        array["additionalItems"] = Schema(0);
        return array;
    }

    private JsonObject Object(int depth)
    {
        string[] names = [.. Enumerable.Range(0, random.Next(5)).Select(_ => Text(1, 3)).Distinct(StringComparer.Ordinal)];
        JsonObject schema = new()
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(names.Select(name => KeyValuePair.Create(name, (JsonNode?)Schema(depth - 1)))),
            ["required"] = new JsonArray([.. names.Where(_ => random.Next(2) == 0).Select(static name => (JsonNode)name)]),
        };
        if (random.Next(3) > 0)
            schema["additionalProperties"] = random.Next(2) == 0 ? false : Schema(0);
        return schema;
    }

    private JsonArray Items(JsonObject schema, JsonObject root)
    {
        int count = random.Next((int)schema["minItems"]!, (int)schema["maxItems"]! + 1);
        return new JsonArray([.. Enumerable.Range(0, count).Select(i => schema["items"] switch
        {
            JsonArray places when i < places.Count => Instance(places[i]!.AsObject(), root),
            JsonArray => Instance(schema["additionalItems"]!.AsObject(), root),
            JsonNode items => Instance(items.AsObject(), root),
            null => null,
        })]);
    }

    private JsonObject Members(JsonObject schema, JsonObject root)
    {
        JsonObject members = [];
        foreach ((string name, JsonNode? property) in schema["properties"]!.AsObject())
        {
            if (random.Next(2) == 0 || schema["required"]!.AsArray().Any(required => (string?)required == name))
                members[name] = Instance(property!.AsObject(), root);
        }

        string other = Text(4, 6);
        if (schema["additionalProperties"] is JsonObject additional && random.Next(2) == 0)
            members[other] = Instance(additional, root);
        else if (schema["additionalProperties"] is null && random.Next(2) == 0)
            members[other] = new JsonArray(1, null, "x");
        return members;
    }

    private static JsonObject Range<T>(string type, T least, int width)
        where T : System.Numerics.INumber<T> => new()
        {
            ["type"] = type,
            ["minimum"] = JsonValue.Create(least),
            ["maximum"] = JsonValue.Create(least + T.CreateChecked(width)),
        };

    private string Text(int least, int most)
    {
        System.Text.Rune[] letters = [.. Letters.EnumerateRunes()];
        return string.Concat(
            Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => letters[random.Next(letters.Length)].ToString()));
    }
}
