namespace KvNorm.Jinja.Tests;

/// <summary>Runs for tests of what works inside one.</summary>
internal static class Runs
{
    public static JinjaRun New(JinjaLimits? limits = null, CancellationToken cancellationToken = default) =>
        new(limits ?? JinjaLimits.Default, TimeProvider.System, cancellationToken);

    /// <summary>The value of an expression.</summary>
    public static object? Value(string expression)
    {
        JinjaRun run = New();
        Statement[] body = StatementParser.Parse(Lexer.Tokenize($"{{{{ {expression} }}}}"), JinjaLimits.Default);
        return new ExpressionEvaluator(run).Evaluate(((ValueOutput)body[0]).Value, Globals.Create(run));
    }
}
