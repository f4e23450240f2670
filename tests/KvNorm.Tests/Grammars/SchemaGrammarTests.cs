using System.Text.Json;
using KvNorm.Grammars;

namespace KvNorm.Tests.Grammars;

/// <summary>What the grammars of schemas let through and what they refuse, keyword by keyword.</summary>
public sealed class SchemaGrammarTests
{
    [Theory]
    [InlineData("""{"type":"string"}""", """ "a" | "" | "\"" | "\u00e9\ud83d\ude00" | "é€😀" """,
        """ a | "a | "\x" | "\ud83d" | 1 | "a""b" """)]
    [InlineData("""{"type":"boolean"}""", "true | false", "null | True | 0")]
    [InlineData("""{"type":"null"}""", "null", "nul | 0")]
    [InlineData("""{"type":"integer"}""", "0 | -1 | 12345678901 | 1000000000000000000", "01 | 1.0 | +1 | - | 1e3")]
    [InlineData("""{"type":"number"}""", "0 | -1.5 | 3.25e-7 | 1E+20 | 10", "01 | .5 | 1. | NaN | --1")]
    [InlineData("""{"type":["string","null"]}""", """ "a" | null """, "1 | true")]
    [InlineData("""{"type":"string","nullable":true}""", """ "a" | null """, "1")]
    [InlineData("{}", """ 1 | "a" | {"a":[1,{"b":null}]} | [] | {} | true""", """ {a:1} | [1,] | {"a":} | """)]
    [InlineData("true", "1 | {}", "a")]
    public void Schema_Types(string schema, string accepted, string refused) => Check(schema, accepted, refused);

    [Theory]
    [InlineData("""{"type":"string","minLength":2,"maxLength":3}""", """ "ab" | "abc" | "😀é" | "\n\n" """, """ "a" | "abcd" | "" """)]
    [InlineData("""{"type":"string","maxLength":0}""", """ "" """, """ "a" """)]
    [InlineData("""{"type":"string","maxLength":1000000000}""", """ "" | "abc" """, "1")]
    [InlineData("""{"type":"string","format":"date"}""", """ "2024-02-29" | "2000-02-29" | "1999-12-31" | "2023-04-30" """,
        """ "2023-02-29" | "1900-02-29" | "2023-04-31" | "2023-13-01" | "2023-00-01" | "2023-01-00" | "23-01-01" |"""
        + """ "0000-01-01" | "0000-02-29" """)]
    [InlineData("""{"type":"string","format":"date"}""", """ "0001-01-01" | "0010-01-01" | "0100-01-01" | "1000-01-01" | "0400-02-29" """,
        """ "0100-02-29" """)]
    [InlineData("""{"type":"string","format":"time"}""", """ "23:59:59Z" | "00:00:00.123+02:00" | "12:00:00" """,
        """ "24:00:00Z" | "12:60:00Z" | "12:00" """)]
    [InlineData("""{"type":"string","format":"date-time"}""", """ "2024-02-29T23:59:59.5Z" | "2024-02-29T00:00:00-14:00" """,
        """ "2024-02-29" | "2024-02-30T00:00:00Z" | "2024-02-29T00:00:00" | "2024-02-29T00:00:00+14:01" """)]
    [InlineData("""{"type":"string","format":"uuid"}""", """ "123e4567-e89b-12d3-a456-426614174000" """,
        """ "123e4567e89b12d3a456426614174000" | "" """)]
    [InlineData("""{"type":"string","format":"ipv4"}""", """ "0.0.0.0" | "255.249.199.9" """, """ "256.1.1.1" | "1.1.1" """)]
    [InlineData("""{"type":"string","format":"hostname-or-so"}""", """ "anything" """, "1")]
    [InlineData("""{"enum":["a","b\"c",1,null,{"x":[1,2]}]}""", """ "a" | "b\"c" | 1 | null | {"x":[1,2]} | { "x": [1, 2] } """,
        """ "b" | 2 | {"x":[1]} """)]
    [InlineData("""{"type":"string","enum":["a",1]}""", """ "a" """, "1")]
    [InlineData("""{"enum":["a","bbb"],"maxLength":2}""", """ "a" """, """ "bbb" """)]
    [InlineData("""{"allOf":[{"enum":[1,5,10]},{"minimum":4}]}""", "5 | 10", "1")]
    [InlineData("""{"anyOf":[{"minimum":9},{"maximum":1}],"enum":[1,5,10]}""", "1 | 10", "5")]
    [InlineData("""{"enum":[{"a":1},{"b":1}],"type":"object","required":["b"]}""", """ {"b":1} """, """ {"a":1} """)]
    [InlineData("""{"const":"only"}""", """ "only" """, """ "other" """)]
    public void Schema_StringsAndValues(string schema, string accepted, string refused) => Check(schema, accepted, refused);

    [Theory]
    [InlineData("^[a-z]+$", "a | abc", "A | | a1")]
    [InlineData("ab", "ab | xaby", "a | ba")]
    [InlineData("^ab", "ab | abc", "xab")]
    [InlineData("ab$", "ab | xab", "abx")]
    [InlineData("^(a|bc)*d?$", "abcd | bc | d | aabc", "b | dd")]
    [InlineData("^a$|^b", "a | b | bx", "ax | c")]
    [InlineData(@"^\d{3}-\d{4,}$", "123-4567 | 123-45678", "12-3456 | 123-456")]
    [InlineData("^[^a-c]$", "d | é | €", "a | b | dd")]
    [InlineData(@"^[\w.\-]+$", "a_b.c-d | 9", "a b | ä")]
    [InlineData(@"^\x41\u00e9[\]\[]$", "Aé] | Aé[", "Aé | A")]
    [InlineData("^(?:x){2}(?<name>y)?$", "xx | xxy", "x | xxyy")]
    [InlineData("^.{2}?$", "ab | éé", "a | abc")]
    [InlineData("(?=x)y", "anything | ", null)]
    [InlineData(@"\bword\b", "anything", null)]
    [InlineData("(a*)*", "anything", null)]
    [InlineData(@"(a)\1", "anything", null)]
    [InlineData("(", "anything", null)]
    [InlineData("^[z-a]$", "anything", null)]
    [InlineData(@"\p{L}", "anything", null)]
    public void Schema_Pattern(string pattern, string accepted, string? refused)
    {
        string grammar = Grammar($$"""{"type":"string","pattern":{{JsonSerializer.Serialize(pattern)}}}""");
        Assert.All(
            accepted.Split('|', StringSplitOptions.TrimEntries), text => Assert.True(GrammarMatcher.Accepts(grammar, $"\"{text}\""), text));
        Assert.All(
            refused?.Split('|', StringSplitOptions.TrimEntries) ?? [],
            text => Assert.False(GrammarMatcher.Accepts(grammar, $"\"{text}\""), text));
    }

    [Theory]
    [InlineData("^[\"\\\\]$", """ "\"" | "\\" """, """ "a" | "\n" """)]
    [InlineData("^\\n$", """ "\n" """, """ "n" """)]
    public void Schema_PatternOfEscapedCharacters(string pattern, string accepted, string refused) =>
        Check($$"""{"pattern":{{JsonSerializer.Serialize(pattern)}}}""", accepted, refused);

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":"""
        + """["a","b"],"additionalProperties":false}""",
        """ {"a":1,"b":"x"} | { "a": 1, "b": "x" } """, """ {"a":1} | {"b":"x","a":1} | {} | {"a":1,"b":"x","c":2} | {"a":1,"b":"x",} """)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"},"c":{}},"additionalProperties":false}""",
        """ {} | {"a":1} | {"b":"x"} | {"c":null} | {"a":1,"c":[]} | {"a":1,"b":"x","c":1} """,
        """ {"b":"x","a":1} | {"a":1,"a":1} | {,"a":1} | {"d":1} """)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"},"c":{"type":"null"},"d":{"type":"null"}}"""
        + ""","required":["b"],"additionalProperties":false}""",
        """ {"b":"x"} | {"a":1,"b":"x"} | {"b":"x","d":null} | {"a":1,"b":"x","c":null,"d":null} """,
        """ {} | {"a":1} | {"a":1,"c":null} """)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}}}""",
        """ {"a":1} | {} | {"b":"x"} | {"a":1,"b":"x","c":[1]} | {"ab":1} | {"":1} """,
        """ {"a":"x"} | {"b":1,"a":"x"} | {"\u0061":"x"} """)]
    [InlineData("""{"type":"object","properties":{"ab":{"type":"integer"},"abc":{"type":"integer"},"é\"":{"type":"integer"}}"""
        + ""","additionalProperties":{"type":"boolean"}}""",
        """ {"a":true} | {"ab":1,"b":true} | {"abcd":true} | {"é":true} | {"é\"":3} | {"è":true} """,
        """ {"ab":true} | {"abc":true} | {"a":1} | {"é\"":true} """)]
    [InlineData("""{"type":"object","additionalProperties":{"type":"integer"}}""", """ {} | {"a":1} | {"a":1,"b":2} """, """ {"a":"x"} """)]
    [InlineData("""{"type":"object","additionalProperties":false}""", "{} | { }", """ {"a":1} """)]
    [InlineData("""{"type":"object"}""", """ {} | {"a":{"b":[1]}} """, "[] | 1")]
    [InlineData("""{"type":"object","required":["z"],"properties":{"a":{"type":"null"}}}""", """ {"z":1} | {"a":null,"z":"x"} """,
        """ {"a":null} | {} """)]
    [InlineData("""{"type":"object","properties":{"a":false,"b":{}}}""", """ {"b":1} | {"c":1} """, """ {"a":1} """)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"null"}},"patternProperties":{"^x":{}},"additionalProperties":false}""",
        """ {"x1":1} | {"a":null} """, """ {"a":1} """)]
    public void Schema_Objects(string schema, string accepted, string refused) => Check(schema, accepted, refused);

    [Theory]
    [InlineData("""{"type":"array"}""", """ [] | [1,"a",{}] | [ 1, 2 ] """, "{} | [1,] | [,]")]
    [InlineData("""{"type":"array","items":{"type":"integer"}}""", "[] | [1] | [1,2]", """ ["a"] """)]
    [InlineData("""{"type":"array","items":{"type":"integer"},"minItems":2,"maxItems":3}""", "[1,2] | [1,2,3]", "[] | [1] | [1,2,3,4]")]
    [InlineData("""{"type":"array","items":{"type":"integer"},"minItems":1}""", "[1] | [1,2,3]", "[]")]
    [InlineData("""{"type":"array","maxItems":0}""", "[] | [ ]", "[1]")]
    [InlineData("""{"type":"array","maxItems":1000000}""", "[] | [1,2]", "1")]
    [InlineData("""{"type":"array","items":false}""", "[]", "[1]")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"items":false}""", """ [] | [1] | [1,"a"] """,
        """ ["a"] | [1,"a",2] """)]
    [InlineData("""{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"items":{"type":"null"}"""
        + ""","minItems":1,"maxItems":4}""", """ [1] | [1,"a"] | [1,"a",null,null] """, """ [] | [1,null] | [1,"a",null,null,null] """)]
    [InlineData("""{"type":"array","items":[{"type":"integer"}],"additionalItems":false,"minItems":1}""", "[1]", "[] | [1,2]")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"integer"},{"type":"integer"},{"type":"integer"}],"maxItems":2,"minItems":2}""",
        "[1,2]", "[1] | [1,2,3]")]
    public void Schema_Arrays(string schema, string accepted, string refused) => Check(schema, accepted, refused);

    [Theory]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"string"}]}""", """ 1 | "a" """, "null | []")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"type":"null"}]}""", "1 | null", """ "a" """)]
    [InlineData("""{"type":"object","properties":{"k":{"type":"string"}},"required":["k"],"anyOf":[{"properties":{"a":{"type":"null"}}"""
        + ""","required":["a"]},{"properties":{"b":{"type":"null"}},"required":["b"]}]}""",
        """ {"k":"x","a":null} | {"k":"x","b":null} """, """ {"k":"x"} | {"a":null} """)]
    [InlineData("""{"allOf":[{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]},{"properties":{"b":"""
        + """{"type":"string"}},"required":["b"],"additionalProperties":{"type":"integer"}}]}""",
        """ {"a":1,"b":"x"} | {"a":1,"b":"x","c":2} """, """ {"a":1} | {"a":"x","b":"x"} | {"a":1,"b":"x","c":"y"} """)]
    [InlineData("""{"allOf":[{"type":"integer","minimum":3},{"maximum":5}]}""", "3 | 5", "2 | 6")]
    [InlineData("""{"allOf":[{"type":"number"},{"type":"integer"}]}""", "3", "3.5")]
    [InlineData("""{"allOf":[{"minimum":3,"exclusiveMinimum":true},{"minimum":5}],"type":"integer"}""", "5 | 6", "4")]
    [InlineData("""{"allOf":[{"maximum":9,"exclusiveMaximum":true},{"maximum":9}],"type":"integer"}""", "8", "9")]
    [InlineData("""{"allOf":[{"maximum":9,"exclusiveMaximum":false},{"maximum":10}],"type":"integer"}""", "9", "10")]
    [InlineData("""{"allOf":[{"type":"string"},{"nullable":true}]}""", """ "a" """, "null")]
    [InlineData("""{"nullable":true}""", "null | 1 | {}", "x")]
    [InlineData("""{"nullable":true,"allOf":[{"$ref":"#/$defs/x"}],"$defs":{"x":{"type":"object"}}}""", "null | {}", "1")]
    [InlineData("""{"nullable":true,"$ref":"#/$defs/x","$defs":{"x":{"type":"integer"}}}""", "null | 1", "{}")]
    [InlineData("""{"nullable":true,"properties":{"a":{"type":"null"}},"additionalProperties":false}""", """ null | {"a":null} """, "1")]
    [InlineData("""{"allOf":[{"enum":[1,2,3]},{"enum":[2,3,4]}]}""", "2 | 3", "1 | 4")]
    [InlineData("""{"type":"string","anyOf":[{"enum":["a"]},{"enum":[1]}]}""", """ "a" """, "1")]
    [InlineData("""{"$ref":"#/$defs/x","$defs":{"x":{"type":"integer"}}}""", "1", """ "a" """)]
    [InlineData("""{"$ref":"#/definitions/a~1b%20c","definitions":{"a/b c":{"type":"integer"}}}""", "1", """ "a" """)]
    [InlineData("""{"type":"object","properties":{"v":{"type":"integer"},"next":{"$ref":"#"}},"required":"""
        + """["v"],"additionalProperties":false}""", """ {"v":1} | {"v":1,"next":{"v":2,"next":{"v":3}}} """, """ {"v":1,"next":{}} """)]
    [InlineData("""{"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","properties":{"kids":{"type":"array","items":"""
        + """{"$ref":"#/$defs/tree","description":"more"}}},"required":["kids"],"additionalProperties":false}}}""",
        """ {"kids":[]} | {"kids":[{"kids":[]},{"kids":[{"kids":[]}]}]} """, """ {} | {"kids":[{}]} """)]
    [InlineData("""{"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"},{"type":"string"}]},"b":{"anyOf":[{"$ref":"#/$defs/a"},"""
        + """{"type":"integer"}]}},"type":"array","prefixItems":[{"$ref":"#/$defs/a"},{"$ref":"#/$defs/b"}],"items":false}""",
        """ ["x","y"] | [1,2] | ["x",2] | [1,"y"] """, "[null] | [1,null]")]
    [InlineData("""{"type":"integer","condition":"x","description":5,"$comment":[],"if":{},"not":{"const":1}}""", "1", """ "a" """)]
    public void Schema_Combinations(string schema, string accepted, string refused) => Check(schema, accepted, refused);

    [Theory]
    [InlineData("""{"a":1}""", true)]
    [InlineData("{\n  \"a\": 1\n}", true)]
    [InlineData("{ \"a\":1 }", true)]
    [InlineData("{  \"a\":1}", false)]
    [InlineData("{\n\n\"a\":1}", false)]
    [InlineData(" {\"a\":1}", false)]
    public void Schema_WhiteSpace_IsBounded(string text, bool expected) =>
        Assert.Equal(
            expected,
            GrammarMatcher.Accepts(
                Grammar("""{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":false}"""), text));

    private static void Check(string schema, string accepted, string refused)
    {
        string grammar = Grammar(schema);
        Assert.All(
            accepted.Split(" | ", StringSplitOptions.TrimEntries),
            text => Assert.True(GrammarMatcher.Accepts(grammar, text), $"{text} should be accepted by\n{grammar}"));
        Assert.All(
            refused.Split(" | ", StringSplitOptions.TrimEntries),
            text => Assert.False(GrammarMatcher.Accepts(grammar, text), $"{text} should be refused by\n{grammar}"));
    }

    internal static string Grammar(string schema)
    {
        GrammarBuilder builder = new();
        using JsonDocument document = JsonDocument.Parse(schema);
        return builder.Build(builder.Schema("answer", document.RootElement));
    }
}
