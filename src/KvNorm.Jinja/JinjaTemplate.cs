namespace KvNorm.Jinja;

/// <summary>
/// A chat template, parsed once and rendered as often as needed, also by several threads at a time. It comes from an untrusted file:
/// it has no access to anything but its variables and the time, and what it may use is limited.
/// </summary>
public sealed class JinjaTemplate
{
    private readonly Statement[] _body;
    private readonly JinjaLimits _limits;

    private JinjaTemplate(Statement[] body, JinjaLimits limits) => (_body, _limits) = (body, limits);

    /// <summary>Reads a template.</summary>
    /// <param name="source">The template.</param>
    /// <param name="limits">What the template and each render of it may use; <see cref="JinjaLimits.Default"/> if null.</param>
    /// <exception cref="JinjaException">
    /// It is not a template, has a statement that is not supported, or is longer or nests deeper than it may.
    /// </exception>
    public static JinjaTemplate Parse(string source, JinjaLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        limits ??= JinjaLimits.Default;
        if (source.Length > limits.MaxSourceLength)
            throw JinjaException.At(1, $"the template is longer than {limits.MaxSourceLength} characters");
        return new JinjaTemplate(StatementParser.Parse(Lexer.Tokenize(source), limits), limits);
    }

    /// <summary>
    /// The names in a template's code: those of variables it reads or sets, and of filters, tests and statements; not attributes, and
    /// nothing in its texts, strings and comments.
    /// </summary>
    /// <param name="source">The template, which may be one that cannot be parsed.</param>
    /// <exception cref="JinjaException">A string, comment or tag in it has no end.</exception>
    public static IReadOnlySet<string> FindNames(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        List<Token> tokens = Lexer.Tokenize(source);
        return tokens
            .Where((token, i) => token.Kind == TokenKind.Name && tokens[i - 1] is not { Kind: TokenKind.Operator, Text: "." })
            .Select(static token => token.Text)
            .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Renders the template.</summary>
    /// <param name="variables">
    /// The template's variables by name. A value is null, a bool, int, long, float, double, string, <see cref="JinjaText"/> or
    /// <see cref="System.Text.Json.JsonElement"/>, a list (<see cref="IReadOnlyList{T}"/> of objects) or a mapping
    /// (<see cref="IReadOnlyDictionary{TKey,TValue}"/> of strings to objects) of such values, up to 128 levels deep.
    /// Strings are data; a <see cref="JinjaText"/> says so itself. A template changes its own copy of a value only.
    /// </param>
    /// <param name="timeProvider">The clock of strftime_now; the system's if null.</param>
    /// <param name="cancellationToken">Ends the render.</param>
    /// <returns>The text in order, in pieces that are not empty and of which no two in a row have the same author.</returns>
    /// <exception cref="JinjaException">The template fails, uses more than it may, or refuses its variables.</exception>
    /// <exception cref="ArgumentException">
    /// A variable is of a type that templates do not know, or JSON that cannot be read, such as a text with half a pair of surrogates.
    /// </exception>
    /// <exception cref="OperationCanceledException">The render was cancelled.</exception>
    public IReadOnlyList<JinjaText> Render(
        IReadOnlyDictionary<string, object?> variables, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(variables);
        JinjaRun run = new(_limits, timeProvider ?? TimeProvider.System, cancellationToken);
        Scope scope = Known(run, variables);
        JinjaStringBuilder output = new(run);
        try
        {
            new StatementEvaluator(run).Run(_body, scope, output);
        }
        catch (OverflowException)
        {
            throw run.Fail("a number is too large");
        }

        return output.ToPieces();
    }

    private static Scope Known(JinjaRun run, IReadOnlyDictionary<string, object?> variables)
    {
        Scope scope = new(Globals.Create(run));
        foreach ((string name, object? value) in variables)
        {
            try
            {
                scope.Set(name, InputValues.Convert(value));
            }
            catch (InvalidOperationException error)
            {
                // What is wrong with an escape in JSON, or with its document, .NET says only when the text is asked for.
                throw new ArgumentException($"The variable '{name}' cannot be read: {error.Message}", nameof(variables), error);
            }
        }

        return scope;
    }
}
