using KvNorm.Chat.Prompts;
using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Recall;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvNorm;

/// <summary>What all sessions over a model share.</summary>
/// <param name="Model">The model.</param>
/// <param name="Probe">What is known of its cache.</param>
/// <param name="Specials">Its special tokens by their text.</param>
/// <param name="Threads">CPU threads.</param>
/// <param name="Archive">What each session may keep of evicted rows.</param>
/// <param name="Logger">Told of limits.</param>
internal sealed record KvCacheSessionModel(
    LlamaModel Model,
    ModelProbe Probe,
    IReadOnlyDictionary<string, int> Specials,
    ThreadCount Threads,
    ArchiveLimits Archive,
    ILogger Logger)
{
    public LlamaVocabulary Vocabulary => Model.Vocabulary;

    /// <summary>Gets the words of the vocabulary, which are looked for at the first recall of any session.</summary>
    public TokenTerms Terms { get; } = TokenTerms.Of(Model.Vocabulary);

    public static KvCacheSessionModel Of(LlamaModel model, ModelProbe probe, KvNormChatOptions options, ILogger logger)
    {
        Dictionary<string, int> specials = new(StringComparer.Ordinal);
        foreach ((string text, int token) in new SpecialTokens(model.Vocabulary, options.ChatTemplate ?? model.ChatTemplate ?? "").All)
            specials.TryAdd(text, token);
        return new KvCacheSessionModel(model, probe, specials, options.ThreadCount, options.Archive, logger);
    }

    /// <summary>Loads the model of some options.</summary>
    /// <param name="options">Checked options.</param>
    /// <param name="log">Receives this library's and llama.cpp's log; null for none.</param>
    public static KvCacheSessionModel Load(KvNormChatOptions options, ILogger? log)
    {
        LlamaLibrary.EnsureLoaded(log);
        LlamaModel model = LlamaModel.Load(options.ModelPath, options.Placement);
        try
        {
            return Of(model, ModelProbe.Run(model, options.ThreadCount, options.CacheTypes), options, log ?? NullLogger.Instance);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
