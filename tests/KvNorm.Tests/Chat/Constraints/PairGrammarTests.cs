using System.Text.Json;
using KvNorm.Chat.Constraints;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Replies;
using KvNorm.Grammars;
using KvNorm.Tests.Chat.Replies;
using KvNorm.Tests.Grammars;

namespace KvNorm.Tests.Chat.Constraints;

public sealed class PairGrammarTests
{
    private const string Schema = """
        {
          "properties": {
            "n": {"type": "integer"}, "s": {"type": "string"}, "k": {"type": "string", "enum": ["a", "b c"]},
            "l": {"type": "array", "items": {"type": "string"}}, "m": {"type": ["string", "null"]}
          },
          "required": ["s", "l"]
        }
        """;

    [Theory]
    [InlineData("s=\"x\", l=[\"a\"]", true)]
    [InlineData("n=5, s=\"\", k=\"b c\", l=[], m=null", true)]
    [InlineData("", false)]
    [InlineData("s=\"x\"", false)]
    [InlineData("l=[], s=\"x\"", false)] // in order
    [InlineData("s=\"x\", l=[],", false)]
    [InlineData(", s=\"x\", l=[]", false)]
    [InlineData("s=x, l=[]", false)]
    [InlineData("s=\"x\", k=\"c\", l=[]", false)]
    public void Arguments_Python_AreThoseDeclared(string text, bool accepted) =>
        Assert.Equal(accepted, GrammarMatcher.Accepts(Grammar("LFM2", Schema), text));

    [Theory]
    [InlineData("s:<|\"|>a \", } b<|\"|>,l:[<|\"|>a<|\"|>,2]", true)]
    [InlineData("n:-5,s:<|\"|><|\"|>,k:<|\"|>b c<|\"|>,l:[],m:null", true)]
    [InlineData("s:<|\"|>x<|\"|>,l:{k:[true]},m:<|\"|>y<|\"|>", true)]
    [InlineData("s:\"x\",l:[]", false)]
    [InlineData("s:<|\"|>x<|\"|>,k:<|\"|>c<|\"|>,l:[]", false)]
    [InlineData("s:<|\"|>x,l:[]", false)]
    public void Arguments_OtherQuotes_AreThoseDeclared(string text, bool accepted) =>
        Assert.Equal(accepted, GrammarMatcher.Accepts(Grammar("Gemma 4", Schema), text));

    [Theory]
    [InlineData("""{"properties":{}}""", "", true)]
    [InlineData("""{"properties":{}}""", "a=1", false)]
    [InlineData("{}", "", true)]
    [InlineData("{}", "a=1, b=\"x\"", true)]
    [InlineData("{}", "1", false)]
    [InlineData("""{"properties":{"a":{},"b":{}}}""", "b=1", true)] // nothing is required
    [InlineData("""{"properties":{"a":{},"b":{}}}""", "", true)]
    [InlineData("""{"properties":{"a":{"$ref":"#/$defs/x"}},"required":["a"]}""", "a={\"b\":1}", true)]
    public void Arguments_SchemaThatSaysLittle_AreAnyOfThose(string schema, string text, bool accepted) =>
        Assert.Equal(accepted, GrammarMatcher.Accepts(Grammar("LFM2", schema), text));

    [Theory]
    [InlineData("LFM2", "\"$filter\"=\"x\"")]
    [InlineData("Gemma 4", "\"$filter\":<|\"|>x<|\"|>")]
    public void Arguments_NameThatIsNoWord_IsWrittenAsItIsRead(string format, string text)
    {
        const string Filter = """{"properties":{"$filter":{"type":"string"}},"required":["$filter"]}""";
        PairSyntax syntax = Spoken.Format(format).Pairs;
        Assert.True(GrammarMatcher.Accepts(Grammar(format, Filter), text));
        Assert.Equal(text, PairText.Write(syntax, JsonElement.Parse("""{"$filter":"x"}""")));
        PairReader reader = new("find" + syntax.Open + text + syntax.Close, syntax);
        Assert.Equal(("find", """{"$filter":"x"}"""), reader.ReadCall());
    }

    private static string Grammar(string format, string schema)
    {
        GrammarBuilder builder = new();
        return builder.Build(
            PairGrammar.Arguments(builder, Spoken.Format(format).Pairs, "tool", JsonElement.Parse(schema), static _ => { }));
    }
}
