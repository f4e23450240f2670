namespace KvNorm.Cli;

/// <summary>While it lasts, Ctrl+C cancels what runs in it, instead of ending the program.</summary>
internal sealed class InterruptScope : IDisposable
{
    private readonly CancellationTokenSource _stop;

    /// <summary>Begins.</summary>
    /// <param name="cancellationToken">Cancels it, too.</param>
    public InterruptScope(CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Console.CancelKeyPress += OnInterrupt;
    }

    /// <summary>Gets what is cancelled.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Gets whether there was a Ctrl+C.</summary>
    public bool WasInterrupted { get; private set; }

    /// <summary>Ends.</summary>
    public void Dispose()
    {
        Console.CancelKeyPress -= OnInterrupt;
        _stop.Dispose();
    }

    private void OnInterrupt(object? sender, ConsoleCancelEventArgs e)
    {
        e.Cancel = true;
        WasInterrupted = true;
        _stop.Cancel();
    }
}
