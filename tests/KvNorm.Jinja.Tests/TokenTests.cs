namespace KvNorm.Jinja.Tests;

public sealed class TokenTests
{
    public static TheoryData<string, string> Texts => new()
    {
        { "Text", "text" },
        { "OpenStatement", "'{%'" },
        { "CloseStatement", "'%}'" },
        { "OpenExpression", "'{{'" },
        { "CloseExpression", "'}}'" },
        { "Name", "'x'" },
        { "String", "the string 'x'" },
        { "Integer", "'x'" },
        { "Operator", "'x'" },
        { "End", "the end of the template" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void ToString_Kind_IsForMessages(string kind, string expected) =>
        Assert.Equal(expected, new Token(Enum.Parse<TokenKind>(kind), "x", 1).ToString());

    [Fact]
    public void ToString_LongText_IsCut() =>
        Assert.Equal($"'{new string('x', 40)}…'", new Token(TokenKind.Name, new string('x', 1000), 1).ToString());
}
