using System.Runtime.CompilerServices;

namespace KvNorm.Jinja;

/// <summary>The tokens of a template, read one after the other, and how deep the reading is nested.</summary>
internal sealed class TokenReader(List<Token> tokens, int maxDepth)
{
    private int _index;
    private int _depth;

    public Token Current => tokens[_index];

    public Token Next => tokens[Math.Min(_index + 1, tokens.Count - 1)];

    public Token Take()
    {
        Token token = Current;
        if (token.Kind != TokenKind.End)
            _index++;
        return token;
    }

    public bool Is(string op) => Current.Kind == TokenKind.Operator && Current.Text == op;

    public bool IsName(string name) => Current.Kind == TokenKind.Name && Current.Text == name;

    public bool Skip(string op)
    {
        bool found = Is(op);
        if (found)
            _index++;
        return found;
    }

    public bool SkipName(string name)
    {
        bool found = IsName(name);
        if (found)
            _index++;
        return found;
    }

    public void Expect(string op)
    {
        if (!Skip(op))
            throw Unexpected($"'{op}'");
    }

    public Token Expect(TokenKind kind, string what) => Current.Kind == kind ? Take() : throw Unexpected(what);

    public string ExpectName(string what) => Expect(TokenKind.Name, what).Text;

    public JinjaException Unexpected(string expected) =>
        JinjaException.At(Current.Line, $"{expected} is expected before {Current}");

    /// <summary>Notes that the reading goes one level down; an untrusted template must not overflow the stack.</summary>
    public void Enter()
    {
        if (++_depth > maxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw JinjaException.At(Current.Line, $"the template nests deeper than {maxDepth} levels");
    }

    public void Leave() => _depth--;
}
