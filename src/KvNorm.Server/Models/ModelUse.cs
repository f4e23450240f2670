using KvNorm.Server.Api;
using Microsoft.Extensions.AI;

namespace KvNorm.Server.Models;

/// <summary>A request's use of a loaded model, which is not given up until this is disposed of.</summary>
internal sealed class ModelUse(ServedModel model, Action end) : IDisposable
{
    private Action? _end = end;

    /// <summary>Gets the model.</summary>
    public ServedModel Model => model;

    /// <summary>Gets its client.</summary>
    public IChatClient Client => model.Client!;

    /// <summary>Gets what this library knows of its cache.</summary>
    /// <exception cref="ApiException">The client is not ours.</exception>
    public KvNormChatClient Cache => model.Cache
        ?? throw ApiException.NotFound("not_supported", "The model of this server does not say what it remembers.");

    public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
}
