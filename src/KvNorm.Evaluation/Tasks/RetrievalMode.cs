namespace KvNorm.Evaluation.Tasks;

/// <summary>When rows are evicted.</summary>
internal enum RetrievalMode
{
    /// <summary>Once, after the whole text was read into a cache that holds it.</summary>
    Once,

    /// <summary>Whenever the cache is full while the text is read.</summary>
    Streaming,
}
