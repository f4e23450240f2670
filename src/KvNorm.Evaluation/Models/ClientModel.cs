using Microsoft.Extensions.AI;

namespace KvNorm.Evaluation.Models;

/// <summary>A real model: a client for its facts, and sessions over it.</summary>
internal sealed class ClientModel : EvaluationModel
{
    private readonly KvNormChatClient _client;
    private readonly KvNormModelFacts _facts;
    private readonly KvCacheSession _words; // only reads and writes text

    private ClientModel(KvNormChatClient client, KvNormChatOptions options)
    {
        (_client, Threads, GpuLayers, ArchiveBytes) = (client, options.Threads ?? base.Threads, options.GpuLayers, options.ArchiveBytes);
        _facts = client.GetRequiredService<KvNormModelFacts>();
        _words = client.CreateSession(KvCacheBudget.FromCells(KvCacheBudget.MinimumCells));
    }

    public override string Name => _facts.Name;

    public override int TrainedLength => _facts.TrainedLength;

    public override string CacheTypes => $"{_facts.CacheTypeK}, {_facts.CacheTypeV}".ToLowerInvariant();

    public override long BytesPerCell => _facts.BytesPerCell;

    internal override int Threads { get; }

    internal override int? GpuLayers { get; }

    internal override long? ArchiveBytes { get; }

    public static new ClientModel Load(KvNormChatOptions options)
    {
        options.KvCacheBudget = KvCacheBudget.FromCells(KvCacheBudget.MinimumCells); // the client itself says nothing
        KvNormChatClient client = KvNormChatClient.Create(options);
        ClientModel model = new(client, options);
        if (model._facts.Mechanism != EvictionMechanism.RemoveCells)
            return model;
        model.Dispose();
        throw new NotSupportedException(
            $"Policies are compared per layer and head, which the cache of this model forbids: {model._facts.MechanismReason}");
    }

    internal override IReadOnlyList<int> Tokenize(string text) => _words.Tokenize(text);

    internal override int? FindSpecialToken(string text) => _words.FindSpecialToken(text);

    internal override string TextOf(int token) => _words.GetText([token]);

    internal override EvaluationCache Create(int cells, EvictionPolicy policy) =>
        new SessionCache(_client.CreateSession(KvCacheBudget.FromCells(Math.Max(cells, KvCacheBudget.MinimumCells)), policy));

    private protected override void Dispose(bool disposing)
    {
        _words.Dispose();
        _client.Dispose();
        base.Dispose(disposing);
    }
}
