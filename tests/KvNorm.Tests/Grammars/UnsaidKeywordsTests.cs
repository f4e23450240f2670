using System.Text.Json;
using KvNorm.Grammars;

namespace KvNorm.Tests.Grammars;

public sealed class UnsaidKeywordsTests
{
    [Theory]
    [InlineData("""{"type":"array","uniqueItems":true,"items":{"type":"string"}}""", "/uniqueItems")]
    [InlineData("""{"type":"array","uniqueItems":false,"minContains":0}""", "")]
    [InlineData("""{"properties":{"a/b":{"type":"number","multipleOf":0.01}}}""", "/properties/a~1b/multipleOf")]
    [InlineData("""{"type":"integer","multipleOf":1}""", "")]
    [InlineData("""{"not":{"type":"null"},"if":{},"then":{},"else":{}}""", "/not /if")]
    [InlineData("""{"items":[{"contains":{}},{"not":{}}]}""", "/items/0/contains /items/1/not")]
    [InlineData("""{"anyOf":[{"dependentRequired":{}},{"minProperties":1}]}""", "/anyOf/0/dependentRequired /anyOf/1/minProperties")]
    [InlineData("""{"$defs":{"x":{"patternProperties":{}}}}""", "/$defs/x/patternProperties")]
    [InlineData("""{"additionalProperties":{"maxProperties":1}}""", "/additionalProperties/maxProperties")]
    [InlineData("""{"properties":{"not":{"type":"string"},"if":{"type":"string"}}}""", "")]
    [InlineData("""{"propertyNames":{"type":"string","pattern":"^a"}}""", "")]
    [InlineData("""{"properties":{"a":{}},"propertyNames":{"pattern":"^a"}}""", "/propertyNames")]
    [InlineData("""{"unevaluatedProperties":false}""", "")]
    [InlineData("""{"type":"string","pattern":"^(?=a)"}""", "/pattern")]
    [InlineData("""{"type":"string","pattern":"^a","format":"date"}""", "/format")]
    [InlineData("""{"type":"string","format":"iri"}""", "/format")]
    [InlineData("""{"type":"string","format":"password"}""", "")]
    [InlineData("""{"type":"integer","format":"int32"}""", "")]
    [InlineData("""{"type":"string","format":"date","minLength":1,"maxLength":9}""", "/maxLength")]
    [InlineData("""{"type":"string","pattern":"^[a-z]+$","minLength":1,"maxLength":9}""", "")]
    [InlineData("""{"type":"string","pattern":"^[a-z]+-[0-9]+$","minLength":1,"maxLength":9}""", "/maxLength")]
    [InlineData("""{"type":"string","pattern":"^a+b+$","minLength":5}""", "/minLength")]
    [InlineData("""{"type":"string","maxLength":1999}""", "")]
    [InlineData("""{"type":"string","maxLength":2000}""", "/maxLength")]
    [InlineData("""{"type":"string","contentEncoding":"base32"}""", "/contentEncoding")]
    [InlineData("""{"type":"number","maximum":1e20}""", "/maximum")]
    [InlineData("""{"type":"number","maximum":1.7976931348623157e308}""", "")]
    [InlineData("""{"type":"integer","maximum":18446744073709551615}""", "")]
    [InlineData("""{"type":"integer","minimum":-1e20,"exclusiveMaximum":1e20}""", "")]
    [InlineData("""{"type":"integer","minimum":1e20}""", "/minimum")]
    [InlineData("""{"type":"integer","exclusiveMaximum":-1e300}""", "/exclusiveMaximum")]
    [InlineData("""{"type":"string","pattern":5,"format":{}}""", "")]
    [InlineData("""{"type":"string","enum":["a","bbb"],"pattern":"^a$","maxLength":2000}""", "/pattern")]
    [InlineData("""{"type":"object","enum":[{"a":1}],"properties":{"a":{"not":{}}}}""", "/properties /properties/a/not")]
    [InlineData("""{"type":"string","enum":[],"pattern":"^(?=a)"}""", "/pattern")]
    [InlineData("5", "")]
    public void Find_Schema_NamesThePlaces(string schema, string places) =>
        Assert.Equal(places, string.Join(' ', new UnsaidKeywords().Find(JsonElement.Parse(schema))));

    // Of two, one is held.
    [Theory]
    [InlineData("""{"type":"string","allOf":[{"pattern":"^a"},{"pattern":"b$"}]}""", "'#/pattern'")]
    [InlineData("""{"allOf":[{"enum":["a","bbb"]},{"pattern":"^a$"}]}""", "'#/pattern'")]
    [InlineData("""{"enum":["a","bbb"],"pattern":"^a$","allOf":[{"type":"string"}]}""", "'#/pattern'")]
    [InlineData("""{"allOf":[{"prefixItems":[{}]},{"items":{"type":"null"}}]}""", "'#/items'")]
    public void Schema_PartsThatCannotBeMerged_AreTold(string schema, string place)
    {
        List<string> told = [];
        new GrammarBuilder().Schema("answer", JsonElement.Parse(schema), unsaid: told.Add);
        Assert.Contains(place, Assert.Single(told), StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_LengthsThatAreTooMuchTogether_AreTold()
    {
        string properties = string.Join(',', Enumerable.Range(0, 40).Select(static i => $"\"p{i}\":{{\"maxLength\":{1900 + i}}}"));
        List<string> told = [];
        new GrammarBuilder().Schema("answer", JsonElement.Parse($"{{\"properties\":{{{properties}}}}}"), unsaid: told.Add);
        Assert.Contains("repeats", Assert.Single(told), StringComparison.Ordinal);
    }

    [Fact]
    public void All_Keywords_AreOfOneKindEach() =>
        Assert.Equal(Keyword.All.Count, Keyword.All.Select(static keyword => keyword.Name).Distinct(StringComparer.Ordinal).Count());
}
