using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.KvCache.Recall;

/// <summary>
/// A generator of embeddings for which a text means those of some groups of words that it has words of; all else is another meaning.
/// </summary>
internal sealed class WordVectors(params string[][] groups) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly ConcurrentQueue<string[]> _requests = new();

    /// <summary>Gets what it was asked for.</summary>
    public IReadOnlyList<string[]> Requests => [.. _requests];

    /// <summary>Gets or sets what is done before it answers.</summary>
    public Func<CancellationToken, Task> Before { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Gets or sets what becomes of a vector.</summary>
    public Func<float[], float[]> Change { get; set; } = static vector => vector;

    /// <summary>Gets or sets what no text may have.</summary>
    public string? Refuses { get; set; }

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        string[] texts = [.. values];
        _requests.Enqueue(texts);
        await Before(cancellationToken);
        if (Refuses is { } refused && texts.Any(text => text.Contains(refused, StringComparison.Ordinal)))
            throw new ArgumentException($"A text has '{refused}'.", nameof(values));
        return new GeneratedEmbeddings<Embedding<float>>(texts.Select(text => new Embedding<float>(Change(VectorOf(text)))));
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
        // It has nothing.
    }

    private float[] VectorOf(string text)
    {
        float[] vector = new float[groups.Length + 1];
        for (int group = 0; group < groups.Length; group++)
            vector[group] = groups[group].Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase)) ? 2 : 0;
        vector[^1] = vector.Sum() == 0 ? 3 : 0;
        return vector;
    }
}
