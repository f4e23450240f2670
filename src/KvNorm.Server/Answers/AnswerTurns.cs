using System.Threading.RateLimiting;
using KvNorm.Server.Api;
using KvNorm.Server.Models;
using Microsoft.Extensions.Options;

namespace KvNorm.Server.Answers;

/// <summary>
/// Gives requests their turns: as many as the model has slots, the others wait in order, a bounded number for a bounded time.
/// </summary>
internal sealed class AnswerTurns(ServedModels models, IOptions<KvNormServerOptions> options)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    /// <summary>Waits for a turn.</summary>
    /// <param name="model">The model's name; null for the first one.</param>
    /// <param name="clientGone">Cancelled when nobody waits any more.</param>
    /// <exception cref="ApiException">There is no such model, too many wait, or the wait took too long.</exception>
    public async Task<AnswerTurn> BeginAsync(string? model, CancellationToken clientGone)
    {
        ModelUse use = await models.UseAsync(model, clientGone).ConfigureAwait(false);
        try
        {
            RateLimitLease permit = await WaitAsync(use.Model.Queue!, clientGone).ConfigureAwait(false);
            return new AnswerTurn(use, permit, options.Value.RequestTimeout, clientGone);
        }
        catch
        {
            use.Dispose();
            throw;
        }
    }

    private async Task<RateLimitLease> WaitAsync(ConcurrencyLimiter queue, CancellationToken clientGone)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(clientGone);
        patience.CancelAfter(options.Value.QueueTimeout);
        try
        {
            RateLimitLease permit = await queue.AcquireAsync(1, patience.Token).ConfigureAwait(false);
            if (permit.IsAcquired)
                return permit;
            permit.Dispose();
            throw Busy("queue_full", "Too many requests wait for this model; try again soon.");
        }
        catch (OperationCanceledException) when (!clientGone.IsCancellationRequested)
        {
            throw Busy("queue_timeout", "The request waited for longer than this server allows; try again soon.");
        }
    }

    private static ApiException Busy(string code, string message) =>
        new(StatusCodes.Status429TooManyRequests, code, message) { RetryAfter = RetryAfter };
}
