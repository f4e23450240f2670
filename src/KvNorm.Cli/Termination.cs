using System.Runtime.InteropServices;

namespace KvNorm.Cli;

/// <summary>
/// Signals that end the program in order: what runs is cancelled, and what was begun to be written is written. Where that takes too long,
/// as with a reader that does not read, the signal ends it.
/// </summary>
internal sealed class Termination : IDisposable
{
    private const int SignalExitCode = 128; // and the signal's number, as shells report a program that a signal ended

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly ManualResetEventSlim _ended = new(); // never disposed of: a signal may still wait for it
    private readonly PosixSignalRegistration[] _signals;
    private int _exitCode;

    /// <summary>Listens from now on.</summary>
    /// <param name="withInterrupt">Whether SIGINT (Ctrl+C) is one of them, beside SIGTERM and SIGHUP.</param>
    public Termination(bool withInterrupt)
    {
        PosixSignal[] signals = withInterrupt
            ? [PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGINT]
            : [PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        _signals = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];
    }

    /// <summary>Gets what is cancelled by a signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Gets what the program is to end with; null where no signal came.</summary>
    public int? ExitCode => Volatile.Read(ref _exitCode) is var code and > 0 ? code : null;

    /// <summary>All is in order: a signal that waits for that is done with.</summary>
    public void Dispose()
    {
        _ended.Set();
        Array.ForEach(_signals, static signal => signal.Dispose());
    }

    private void OnSignal(PosixSignalContext context)
    {
        Volatile.Write(ref _exitCode, SignalExitCode + Number(context.Signal));
        _ = _stop.CancelAsync(); // what is cancelled may go on with its writing at once, and block
        context.Cancel = _ended.Wait(Grace);
    }

    private static int Number(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGHUP => 1,
        PosixSignal.SIGINT => 2,
        _ => 15,
    };
}
