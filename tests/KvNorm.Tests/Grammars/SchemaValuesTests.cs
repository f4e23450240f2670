using System.Text.Json;
using KvNorm.Grammars;

namespace KvNorm.Tests.Grammars;

public sealed class SchemaValuesTests
{
    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"type":"string"}""", null)]
    [InlineData("""{"enum":["a",1,null]}""", """["a",1,null]""")]
    [InlineData("""{"const":null}""", "[null]")]
    [InlineData("""{"const":{"a":[]}}""", """[{"a":[]}]""")]
    [InlineData("""{"enum":["a","b"],"const":"b"}""", """["b"]""")]
    [InlineData("""{"enum":["a","b"],"const":"c"}""", "[]")]
    [InlineData("""{"enum":[1.0,2],"const":1}""", "[1.0]")] // numbers are equal by their value
    [InlineData("""{"enum":[{"a":1,"b":2}],"const":{"b":2,"a":1}}""", """[{"a":1,"b":2}]""")] // members have no order
    [InlineData("""{"enum":[]}""", "[]")]
    [InlineData("""{"type":"string","enum":["a",1,null]}""", """["a"]""")]
    [InlineData("""{"type":"string","nullable":true,"enum":["a",1,null]}""", """["a",null]""")]
    [InlineData("""{"type":["boolean","null"],"enum":[true,false,0,null]}""", "[true,false,null]")]
    [InlineData("""{"type":"integer","enum":[1,2.0,1e3,1.5,"1",true]}""", "[1,2.0,1e3]")]
    [InlineData("""{"type":"number","enum":[1,1.5,"1"]}""", "[1,1.5]")]
    [InlineData("""{"type":"object","enum":[{},[]]}""", "[{}]")]
    [InlineData("""{"type":"array","enum":[{},[]]}""", "[[]]")]
    [InlineData("""{"type":"string","const":1}""", "[]")]
    [InlineData("""{"properties":{},"enum":[1]}""", "[1]")] // a keyword of objects is no type
    [InlineData("""{"enum":["a","bbb","é😀",7],"maxLength":2}""", """["a","é😀",7]""")]
    [InlineData("""{"enum":["a","bbb","é😀",7],"minLength":3}""", """["bbb",7]""")]
    [InlineData("""{"enum":[1,4,5,"a"],"minimum":4}""", """[4,5,"a"]""")]
    [InlineData("""{"enum":[1,4,4.0,5],"exclusiveMinimum":4}""", "[5]")]
    [InlineData("""{"enum":[1,4,5,1e300],"maximum":4}""", "[1,4]")]
    [InlineData("""{"enum":[1,4,5],"exclusiveMaximum":4}""", "[1]")]
    [InlineData("""{"enum":[9007199254740992,9007199254740993],"minimum":9007199254740993}""", "[9007199254740993]")]
    [InlineData("""{"enum":[127,128,-129],"format":"int8"}""", "[127]")]
    [InlineData("""{"enum":[[],[1],[1,2]],"minItems":1,"maxItems":1}""", "[[1]]")]
    [InlineData("""{"enum":[{"a":1},{"b":1},{"a":1,"b":2},5],"required":["b"]}""", """[{"b":1},{"a":1,"b":2},5]""")]
    [InlineData("""{"const":"abc","maxLength":2}""", "[]")]
    public void Of_Schema_ListsTheValuesThatItAllows(string schema, string? expected)
    {
        IReadOnlyList<JsonElement>? values = SchemaValues.Of(Schema.Of("", JsonElement.Parse(schema)));
        Assert.Equal(expected, values is null ? null : $"[{string.Join(',', values.Select(static value => value.GetRawText()))}]");
    }

    // What is not looked at, where it is about a value of the list.
    [Theory]
    [InlineData("""{"enum":["a"],"pattern":"^a","format":"date","contentEncoding":"base64"}""", "contentEncoding format pattern")]
    [InlineData("""{"enum":["a"],"minLength":1,"format":"password"}""", "")]
    [InlineData("""{"enum":[1],"pattern":"^a","format":"int8","properties":{},"items":{}}""", "")]
    [InlineData("""{"const":{"a":1},"properties":{},"additionalProperties":false,"required":["a"]}""", "additionalProperties properties")]
    [InlineData("""{"enum":[[1]],"items":{},"minItems":1,"pattern":"^a"}""", "items")]
    [InlineData("""{"type":"string","enum":["a",[1]],"items":{}}""", "")]
    [InlineData("""{"type":"string","pattern":"^a"}""", "")]
    public void Unsaid_Schema_NamesWhatItsListDoesNotHold(string schema, string keywords) =>
        Assert.Equal(keywords, string.Join(' ', SchemaValues.Unsaid(Schema.Of("", JsonElement.Parse(schema)))));

    [Theory]
    [InlineData("""{"enum":"a"}""")]
    [InlineData("""{"enum":{"a":1}}""")]
    public void Of_EnumThatIsNoArray_NamesThePlace(string schema)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => SchemaValues.Of(Schema.Of("/x", JsonElement.Parse(schema))));
        Assert.Contains("'#/x/enum'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"a\\u0062\\n\\\"\"", "\"ab\\n\\\"\"", "\"a\\u0062\\n\\\"\"")]
    [InlineData("-1.50e3", "-1.50e3", "-1500")]
    [InlineData("true", "true", "false")]
    [InlineData("null", "null", "\"null\"")]
    [InlineData("[]", "[ ]", "[1]")]
    [InlineData("{}", "{}", "{\"a\":1}")]
    [InlineData("[1,[\"x\"]]", "[ 1, [\"x\"] ]", "[1]")]
    [InlineData("{\"a\":1,\"b\":[{}]}", "{\n  \"a\": 1,\n  \"b\": [{}]\n}", "{\"b\":[{}],\"a\":1}")]
    [InlineData("{\"é\\\"\":0}", "{\"é\\\"\":0}", "{\"é\":0}")]
    public void Text_Value_IsItWithSpaceAtWill(string json, string accepted, string refused)
    {
        GrammarBuilder builder = new();
        string grammar = builder.Build(SchemaValues.Text(builder, JsonElement.Parse(json)));
        Assert.True(GrammarMatcher.Accepts(grammar, accepted), grammar);
        Assert.False(GrammarMatcher.Accepts(grammar, refused), grammar);
    }
}
