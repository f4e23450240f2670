namespace KvNorm.Jinja.Tests;

public sealed class TokenReaderTests
{
    [Fact]
    public void Take_TheEnd_StaysThere()
    {
        TokenReader reader = Reader("");
        Assert.Equal(TokenKind.End, reader.Take().Kind);
        Assert.Equal(TokenKind.End, reader.Take().Kind);
        Assert.Equal(TokenKind.End, reader.Next.Kind);
    }

    [Fact]
    public void Skip_OnlyWhatIsThere_GoesOn()
    {
        TokenReader reader = Reader("{{ a + '+' }}");
        reader.Take();
        Assert.False(reader.SkipName("b"));
        Assert.True(reader.SkipName("a"));
        Assert.False(reader.Skip("-"));
        Assert.True(reader.Skip("+"));
        Assert.False(reader.Skip("+"));
        Assert.Equal(TokenKind.String, reader.Current.Kind);
    }

    [Fact]
    public void Expect_AnotherToken_SaysBoth()
    {
        TokenReader reader = Reader("\n{{ a }}");
        reader.Take();
        reader.Take();
        Assert.Equal("line 2: '(' is expected before 'a'", Assert.Throws<JinjaException>(() => reader.Expect("(")).Message);
        Assert.Equal("a", reader.ExpectName("a name"));
        Assert.Equal("line 2: a name is expected before '}}'", Assert.Throws<JinjaException>(() => reader.ExpectName("a name")).Message);
    }

    [Fact]
    public void Enter_BeyondTheDepth_IsRefused()
    {
        TokenReader reader = Reader("");
        reader.Enter();
        reader.Enter();
        reader.Leave();
        reader.Enter();
        Assert.Throws<JinjaException>(reader.Enter);
    }

    private static TokenReader Reader(string template) => new(Lexer.Tokenize(template), maxDepth: 2);
}
