using System.Runtime.CompilerServices;

namespace KvNorm.Jinja;

/// <summary>One render: what it has used of its limits, and the line it is at.</summary>
internal sealed class JinjaRun(JinjaLimits limits, TimeProvider clock, CancellationToken cancellation)
{
    // A power of two of steps between two looks at the token and the next such look.
    private const long StepsPerCheck = 4096;

    private const int CharactersPerStep = 32;
    private const int ComparisonsPerStep = 4096;

    private long _steps;
    private long _nextCheck;
    private int _depth;

    public JinjaLimits Limits => limits;

    public TimeProvider Clock => clock;

    /// <summary>Gets or sets the line of the node being evaluated.</summary>
    public int Line { get; set; } = 1;

    public JinjaException Fail(string what) => JinjaException.At(Line, what);

    public void Charge(long steps)
    {
        _steps += steps;
        if (_steps < _nextCheck)
            return;
        cancellation.ThrowIfCancellationRequested();
        if (_steps > limits.MaxSteps)
            throw Fail($"the template takes more than {limits.MaxSteps} steps");
        _nextCheck = _steps + StepsPerCheck;
    }

    /// <summary>Charges for characters copied into a text that becomes so long.</summary>
    public void ChargeText(long length, int copied)
    {
        CheckText(length);
        Charge(1 + copied / CharactersPerStep);
    }

    /// <summary>Charges for characters that are looked at once: compared, counted, hashed.</summary>
    public void ChargeLook(int characters) => Charge(characters / CharactersPerStep);

    /// <summary>Charges for a search at its worst case.</summary>
    public void ChargeSearch(int text, int pattern) => ChargeCompared(text, Math.Max(0, (long)text - pattern + 1) * pattern);

    /// <summary>Charges for looking for each character of a text in a set, at its worst case.</summary>
    public void ChargeSet(int text, int set) => ChargeCompared(text, (long)text * set);

    public void CheckText(long length)
    {
        if (length > limits.MaxTextLength)
            throw Fail($"the template builds a text of more than {limits.MaxTextLength} characters");
    }

    public void ChargeList(long length)
    {
        CheckList(length);
        Charge(length);
    }

    /// <summary>Charges for one item more in a list of so many.</summary>
    public void ChargeItem(int count)
    {
        CheckList(count + 1L);
        Charge(1);
    }

    public void CheckList(long length)
    {
        if (length > limits.MaxListLength)
            throw Fail($"the template builds a list of more than {limits.MaxListLength} items");
    }

    public void Enter()
    {
        if (++_depth > limits.MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw Fail($"the template nests too deeply (at most {limits.MaxDepth} levels)");
    }

    public void Leave() => _depth--;

    private void ChargeCompared(int text, long comparisons) =>
        Charge(1 + text / CharactersPerStep + comparisons / ComparisonsPerStep);
}
