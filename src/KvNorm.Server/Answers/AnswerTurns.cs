using System.Threading.RateLimiting;
using KvNorm.Server.Api;
using KvNorm.Server.Models;
using Microsoft.Extensions.Options;

namespace KvNorm.Server.Answers;

/// <summary>
/// Gives requests their turns: as many as the model has slots, the others wait in order, a bounded number for a bounded time.
/// </summary>
internal sealed class AnswerTurns(ServedModels models, IOptions<KvNormServerOptions> options) : IDisposable
{
    // One request of a conversation at a time: more would hold slots only to wait for each other.
    private readonly PartitionedRateLimiter<(ServedModel, string)> _conversations =
        PartitionedRateLimiter.Create<(ServedModel, string), (ServedModel, string)>(
            one => RateLimitPartition.GetConcurrencyLimiter(one, _ => new ConcurrencyLimiterOptions
            {
                PermitLimit = 1, QueueLimit = options.Value.MaximumQueue, QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }));

    /// <summary>Waits for a turn.</summary>
    /// <param name="model">The model's name; null for the first one.</param>
    /// <param name="conversation">The name of the conversation; null for none.</param>
    /// <param name="clientGone">Cancelled when nobody waits any more.</param>
    /// <exception cref="ApiException">There is no such model, too many wait, or the wait took too long.</exception>
    public async Task<AnswerTurn> BeginAsync(string? model, string? conversation, CancellationToken clientGone)
    {
        ModelUse use = await models.UseAsync(model, clientGone).ConfigureAwait(false);
        RateLimitLease? alone = null;
        try
        {
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(clientGone);
            patience.CancelAfter(options.Value.QueueTimeout);
            if (conversation is not null && use.Model.Cache is not null) // another client may take the name for something else
                alone = await WaitAsync(_conversations.AcquireAsync((use.Model, conversation), 1, patience.Token), clientGone)
                    .ConfigureAwait(false);
            RateLimitLease permit = await WaitAsync(use.Model.Queue!.AcquireAsync(1, patience.Token), clientGone).ConfigureAwait(false);
            return new AnswerTurn(use, permit, alone, options.Value.RequestTimeout, clientGone);
        }
        catch
        {
            alone?.Dispose();
            use.Dispose();
            throw;
        }
    }

    public void Dispose() => _conversations.Dispose();

    private static async Task<RateLimitLease> WaitAsync(ValueTask<RateLimitLease> wait, CancellationToken clientGone)
    {
        try
        {
            RateLimitLease permit = await wait.ConfigureAwait(false);
            if (permit.IsAcquired)
                return permit;
            permit.Dispose();
            throw ApiException.Busy("queue_full", "Too many requests wait for this model; try again soon.");
        }
        catch (OperationCanceledException) when (!clientGone.IsCancellationRequested)
        {
            throw ApiException.Busy("queue_timeout", "The request waited for longer than this server allows; try again soon.");
        }
    }
}
