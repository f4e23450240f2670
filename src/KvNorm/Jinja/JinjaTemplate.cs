namespace KvNorm.Jinja;

/// <summary>
/// A chat template, parsed once and rendered as often as needed, also by several threads at a time. It comes from an untrusted file:
/// it has no access to anything but its variables, and what it may use is limited.
/// </summary>
internal sealed class JinjaTemplate
{
    private readonly Statement[] _body;

    private JinjaTemplate(Statement[] body) => _body = body;

    /// <summary>Reads a template.</summary>
    /// <param name="source">The template.</param>
    /// <param name="limits">How long it may be and how deep it may nest; the default ones if null.</param>
    /// <exception cref="ChatTemplateException">It is not a template, or has a statement that is not supported.</exception>
    public static JinjaTemplate Parse(string source, JinjaLimits? limits = null)
    {
        limits ??= JinjaLimits.Default;
        if (source.Length > limits.MaxSourceLength)
            throw ChatTemplateException.At(1, $"the template is longer than {limits.MaxSourceLength} characters");
        return new JinjaTemplate(StatementParser.Parse(Lexer.Tokenize(source), limits));
    }

    /// <summary>Renders the template.</summary>
    /// <param name="variables">Null, bool, int, long, double, string, <see cref="JinjaString"/>, JsonElement, and lists and dictionaries of these.</param>
    /// <param name="limits">What the render may use; the default limits if null.</param>
    /// <param name="clock">The clock of strftime_now; the system's if null.</param>
    /// <param name="cancellation">Ends the render.</param>
    /// <returns>The text, in pieces of equal provenance.</returns>
    /// <exception cref="ChatTemplateException">The template fails, uses more than it may, or refuses the conversation.</exception>
    public IReadOnlyList<JinjaText> Render(
        IReadOnlyDictionary<string, object?> variables, JinjaLimits? limits = null, TimeProvider? clock = null, CancellationToken cancellation = default)
    {
        JinjaRun run = new(limits ?? JinjaLimits.Default, clock ?? TimeProvider.System, cancellation);
        Scope scope = new(Globals.Create(run));
        foreach ((string name, object? value) in variables)
            scope.Set(name, InputValues.Convert(value));
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
}
