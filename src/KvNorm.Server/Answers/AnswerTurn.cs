using System.Threading.RateLimiting;
using KvNorm.Server.Models;

namespace KvNorm.Server.Answers;

/// <summary>A request's turn at a model: until it ends, or is disposed of, it is one of those being answered.</summary>
internal sealed class AnswerTurn : IDisposable
{
    // To tell the client that the time is up. One that does not even read that is given up.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly RateLimitLease _permit;
    private readonly RateLimitLease? _alone;
    private readonly CancellationTokenSource _answer, _connection;

    /// <summary>Begins a turn.</summary>
    /// <param name="use">The model.</param>
    /// <param name="permit">The place among those being answered.</param>
    /// <param name="alone">The conversation's turn; null for one without a name.</param>
    /// <param name="time">How long the answer may take.</param>
    /// <param name="clientGone">Cancelled when nobody waits any more.</param>
    public AnswerTurn(ModelUse use, RateLimitLease permit, RateLimitLease? alone, TimeSpan time, CancellationToken clientGone)
    {
        (Use, _permit, _alone) = (use, permit, alone);
        _answer = CancellationTokenSource.CreateLinkedTokenSource(clientGone);
        _answer.CancelAfter(time);
        _connection = CancellationTokenSource.CreateLinkedTokenSource(clientGone);
        _connection.CancelAfter(time + LastWords);
    }

    /// <summary>Gets the model.</summary>
    public ModelUse Use { get; }

    /// <summary>Gets what ends the answer: its time is up, or the client has gone.</summary>
    public CancellationToken Cancelled => _answer.Token;

    /// <summary>Gets what ends the writing to the client, a little later.</summary>
    public CancellationToken Abandoned => _connection.Token;

    /// <summary>The answer is there, whole. Others may have the model, however slowly the client reads.</summary>
    public void End()
    {
        _permit.Dispose();
        _alone?.Dispose();
        Use.Dispose();
    }

    public void Dispose()
    {
        End();
        _answer.Dispose();
        _connection.Dispose();
    }
}
