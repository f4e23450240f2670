using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Recall;
using KvNorm.Runtime;
using LLama.Native;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace KvNorm;

/// <summary>How a <see cref="KvNormChatClient"/> is made.</summary>
public sealed class KvNormChatOptions
{
    private const string EmbeddedModel = "SmolLM2-135M-Instruct.Q4_1.gguf";

    private static readonly TimeSpan EmbeddingPatience = TimeSpan.FromSeconds(2); // a request waits for it before it is queued

    private string? _modelPath;

    /// <summary>
    /// Gets or sets the GGUF file; the embedded model unless set. For a client over weights that are loaded already: the file that they
    /// came from, which names the model and by which saved conversations know it in another process.
    /// </summary>
    public string ModelPath
    {
        get => _modelPath ?? Path.Combine(AppContext.BaseDirectory, "models", EmbeddedModel);
        set => _modelPath = value;
    }

    /// <summary>Gets or sets the Jinja text of a chat template to use instead of the model's own; null for the model's.</summary>
    public string? ChatTemplate { get; set; }

    /// <summary>
    /// Gets or sets how large the KV cache may become; 256 MiB unless set. It never has more cells than the model was trained for.
    /// </summary>
    public KvCacheBudget KvCacheBudget { get; set; } = KvCacheBudget.FromMebibytes(256);

    /// <summary>
    /// Gets or sets what keys are stored as: q8_0 takes 53 % of what f16 takes, q4_0 28 %, so that as many more tokens fit the budget, and
    /// rounds them.
    /// </summary>
    public KvCacheType CacheTypeK { get; set; } = KvCacheType.F16;

    /// <summary>Gets or sets what values are stored as.</summary>
    /// <inheritdoc cref="CacheTypeK"/>
    public KvCacheType CacheTypeV { get; set; } = KvCacheType.F16;

    /// <summary>
    /// Gets or sets how many conversations the cache holds at a time, each in an equal share of the budget unless it is a
    /// <see cref="UnifiedCache"/>, 1 to 256; 1 unless set. As many requests are answered at once.
    /// </summary>
    public int Slots { get; set; } = 1;

    /// <summary>
    /// Gets or sets whether the slots take cells of one pool, so that a long conversation uses what the others leave. Where cells run
    /// short, the conversation that was used least recently is evicted first, at most as far as an eviction would go in an equal share,
    /// and the one that needs them last. Attention then passes over the cells of all conversations.
    /// </summary>
    public bool UnifiedCache { get; set; }

    /// <summary>
    /// Gets or sets the maximum of bytes of host memory, beside the budget, for conversations that had to leave their slot, so that they
    /// come back without another prefill; 0 for none. The least recently used are given up.
    /// </summary>
    public long ParkedBytes { get; set; }

    /// <summary>
    /// Gets or sets whether what was evicted comes back when a message asks for it. Evicted keys and values are kept in host memory for
    /// that, from the first eviction on, up to <see cref="ArchiveBytes"/>. Sentences that share words with the message and say it of
    /// something else leave the cache at the same time. Models that lose cells as a whole prefill the text again instead.
    /// </summary>
    public bool Recall { get; set; } = true;

    /// <summary>
    /// Gets or sets the maximum of bytes of host memory, beside the budget, for what was evicted from all conversations; 256 MiB unless
    /// set, 0 for none, and no recall. Where it is full, the oldest tokens go, those of the conversations that were idle for longest first.
    /// </summary>
    public long ArchiveBytes { get; set; } = 256L << 20;

    /// <summary>
    /// Gets or sets a folder for a file that takes what <see cref="ArchiveBytes"/> cannot; null for none. Only the user may read the file,
    /// several clients may share the folder, and nothing is left there. When it cannot be written or read, its contents are not recalled.
    /// </summary>
    public string? ArchiveFolder { get; set; }

    /// <summary>Gets or sets the maximum of bytes of that file; 4 GiB unless set.</summary>
    public long ArchiveFileBytes { get; set; } = 4L << 30;

    /// <summary>
    /// Gets or sets whether a saved conversation holds what was evicted of it, too, so that it can be recalled after it is loaded: the
    /// latest of it, up to <see cref="ArchiveBytes"/>. While it is saved or loaded, it takes as much memory once more.
    /// </summary>
    public bool SaveArchive { get; set; }

    /// <summary>
    /// Gets or sets what tells which evicted sentences a message asks for, by their meaning, beside words in common; null for words alone.
    /// It must be a model of embeddings: the states of a chat model find everything alike. It is given sentences of conversations from the
    /// first eviction on, and messages after it, in the background; where it fails or takes more than 2 seconds for a message, words decide
    /// alone. The client does not dispose of it.
    /// </summary>
    public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator { get; set; }

    /// <summary>
    /// Gets or sets whether a client added by AddKvNormChat takes the application's registered generator of embeddings where
    /// <see cref="EmbeddingGenerator"/> is not set. Turn it off where that one is remote and conversations must not leave the machine.
    /// </summary>
    public bool UseRegisteredEmbeddings { get; set; } = true;

    /// <summary>
    /// Gets or sets how many conversations are kept by the name that callers give them (ChatOptions.ConversationId), 1 or more; 1,000
    /// unless set. Where there is one too many the one that has been idle longest is given up: its next request begins anew.
    /// </summary>
    public int MaximumConversations { get; set; } = 1000;

    /// <summary>
    /// Gets or sets how long a conversation is kept by its name after its last use; a day unless set, <see cref="TimeSpan.MaxValue"/> for
    /// ever.
    /// </summary>
    public TimeSpan ConversationIdleTime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Gets or sets how long a request, a save or a load waits for its turn in a conversation that another one uses, up to 24 days, before
    /// it throws a <see cref="TimeoutException"/>; 5 minutes unless set, <see cref="Timeout.InfiniteTimeSpan"/> for no bound. A stream that
    /// is neither read to its end nor disposed of keeps the turn.
    /// </summary>
    public TimeSpan ConversationTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets what stays when the cache is full.</summary>
    public EvictionPolicy Policy { get; set; } = EvictionPolicy.Salience;

    /// <summary>Gets or sets the layers put on a GPU; null for all that fit, 0 for none.</summary>
    public int? GpuLayers { get; set; }

    /// <summary>
    /// Gets or sets the number of the GPU, among those that <see cref="KvNormRuntimeFacts.Devices"/> lists, that takes the whole model where
    /// <see cref="SplitMode"/> is <see cref="GPUSplitMode.None"/>.
    /// </summary>
    public int MainGpu { get; set; }

    /// <summary>Gets or sets how several GPUs share the layers; null for llama.cpp's own choice, by layers.</summary>
    public GPUSplitMode? SplitMode { get; set; }

    /// <summary>
    /// Gets or sets what each GPU takes, in proportion, such as 3 and 1; null for llama.cpp's own choice, by the memory that is free.
    /// </summary>
    public IReadOnlyList<float>? TensorSplit { get; set; }

    /// <summary>
    /// Gets or sets whether the weights stay in the model file, mapped into memory, or are read into memory of their own. Mapped they load
    /// at once and processes share them; but where the file is shortened or its disk goes away, the system ends the process (SIGBUS).
    /// </summary>
    public bool UseMemoryMapping { get; set; } = true;

    /// <summary>
    /// Gets or sets the CPU threads, 1 to 512; null for one per physical core, and fewer while other work wants the cores. With a fixed
    /// number and no answers beside it the same seed repeats the text: with other numbers llama.cpp rounds otherwise in caches of more than
    /// 256 cells.
    /// </summary>
    public int? Threads { get; set; }

    /// <summary>
    /// Gets or sets the maximum of tokens of an answer where the caller sets none, 1,024 unless set: with eviction nothing else would end
    /// it.
    /// </summary>
    public int MaxOutputTokens { get; set; } = 1024;

    /// <summary>
    /// Gets or sets whether activities and the log may hold the text of messages; off unless set, since it may be private.
    /// </summary>
    public bool RecordsMessageText { get; set; }

    /// <summary>
    /// Gets or sets whether a host loads the model in the background when it starts, instead of when the client is first asked for. Has an
    /// effect on clients added by AddKvNormChat only.
    /// </summary>
    public bool LoadAtStart { get; set; }

    /// <summary>Gets or sets how tokens are sampled where the caller says nothing.</summary>
    public SamplingOptions Sampling { get; set; } = new();

    /// <summary>Gets the path if one was set.</summary>
    internal string? GivenModelPath => _modelPath;

    /// <summary>Gets or sets the name that ChatOptions.ModelId may have.</summary>
    internal string ModelName { get => field ?? Path.GetFileNameWithoutExtension(ModelPath); set; }

    internal CacheTypes CacheTypes => new(CacheTypeK, CacheTypeV);

    internal ThreadCount ThreadCount => Threads ?? Runtime.ThreadCount.Automatic;

    internal ArchiveLimits Archive => Recall ? new ArchiveLimits(ArchiveBytes, ArchiveFolder, ArchiveFileBytes) : ArchiveLimits.None;

    internal WeightPlacement Placement => new(GpuLayers, MainGpu, SplitMode, TensorSplit, UseMemoryMapping);

    /// <summary>What embeds texts for the recall; null for nothing.</summary>
    internal SpanEmbedder? CreateEmbedder(ILogger logger) => Archive.Bytes > 0 && EmbeddingGenerator is { } generator
        ? new SpanEmbedder(generator, logger, EmbeddingPatience, TimeProvider.System)
        : null;

    /// <summary>A copy that later changes of this object do not reach.</summary>
    internal KvNormChatOptions Copy() => (KvNormChatOptions)MemberwiseClone();

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(ModelPath);
        ArgumentNullException.ThrowIfNull(KvCacheBudget);
        ArgumentNullException.ThrowIfNull(Policy);
        ArgumentNullException.ThrowIfNull(Sampling);
        RequireNamed(CacheTypeK, nameof(CacheTypeK));
        RequireNamed(CacheTypeV, nameof(CacheTypeV));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxOutputTokens, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ThreadCount.Maximum, 1, nameof(Threads));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ThreadCount.Maximum, LlamaContext.MaximumThreads, nameof(Threads));
        ArgumentOutOfRangeException.ThrowIfLessThan(GpuLayers ?? 0, 0, nameof(GpuLayers));
        ArgumentOutOfRangeException.ThrowIfNegative(MainGpu);
        RequireNamed(SplitMode ?? default, nameof(SplitMode));
        if (TensorSplit?.All(static share => float.IsFinite(share) && share >= 0) == false)
            throw new ArgumentOutOfRangeException(nameof(TensorSplit), "Proportions are finite and not below 0.");
        ArgumentOutOfRangeException.ThrowIfLessThan(Slots, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Slots, LlamaContext.MaximumSequences);
        ArgumentOutOfRangeException.ThrowIfNegative(ParkedBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(ArchiveBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(ArchiveFileBytes);
        if (ArchiveFolder is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(ArchiveFolder);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumConversations, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConversationIdleTime, TimeSpan.Zero);
        if (ConversationTimeout != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConversationTimeout, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(ConversationTimeout, TimeSpan.FromMilliseconds(int.MaxValue));
        }

        KvCacheBudget.Validate();
        Policy.Validate();
        Sampling.Validate();
    }

    private static void RequireNamed<T>(T value, string name)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            throw new ArgumentOutOfRangeException(name, value, $"There are {string.Join(", ", Enum.GetNames<T>())}.");
    }
}
