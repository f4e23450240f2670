using System.Threading.RateLimiting;
using KvNorm.Server.Models;

namespace KvNorm.Server.Answers;

/// <summary>A request's turn at a model: until it is disposed of, it is one of those being answered.</summary>
/// <param name="use">The model.</param>
/// <param name="permit">The place among those being answered.</param>
/// <param name="cancellation">Ends the answer when its time is up or the client has gone.</param>
internal sealed class AnswerTurn(ModelUse use, RateLimitLease permit, CancellationTokenSource cancellation) : IDisposable
{
    /// <summary>Gets the model.</summary>
    public ModelUse Use => use;

    /// <summary>Gets what ends the answer.</summary>
    public CancellationToken Cancelled => cancellation.Token;

    public void Dispose()
    {
        cancellation.Dispose();
        permit.Dispose();
        use.Dispose();
    }
}
