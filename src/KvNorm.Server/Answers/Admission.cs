using System.Threading.RateLimiting;
using KvNorm.Server.Api;
using KvNorm.Server.Models;
using Microsoft.Extensions.Options;

namespace KvNorm.Server.Answers;

/// <summary>Bounds the requests that are read and held at a time: as many as can be answered or wait. One more is not even read.</summary>
internal sealed class Admission(IOptions<KvNormServerOptions> options) : IDisposable
{
    private readonly ConcurrencyLimiter _places = new(new ConcurrencyLimiterOptions { PermitLimit = Places(options.Value) });

    /// <summary>A handler that has a place while it runs.</summary>
    public RequestDelegate Wrap(RequestDelegate handler) => async context =>
    {
        using RateLimitLease place = _places.AttemptAcquire();
        if (!place.IsAcquired)
            throw ApiException.Busy("queue_full", "Too many requests wait at this server; try again soon.");
        await handler(context).ConfigureAwait(false);
    };

    public void Dispose() => _places.Dispose();

    private static int Places(KvNormServerOptions options)
    {
        long slots = options.Models.Count == 0 ? ServedModel.ForeignSlots : options.Models.Sum(static model => (long)model.Slots);
        long waiting = (long)options.MaximumQueue * Math.Max(options.Models.Count, 1);
        return (int)Math.Clamp(slots + waiting, 1, int.MaxValue);
    }
}
