namespace KvNorm.Tests.Gguf;

/// <summary>What a tiny model is like.</summary>
internal sealed record TinyModelSettings
{
    /// <summary>ChatML as a Jinja template, with the words that a reader of templates looks for.</summary>
    public const string ChatMl =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor "
        + "%}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    /// <summary>The longest context in which <see cref="LongRopeFactors"/> do not count.</summary>
    public const int LongRopeOriginalLength = 512;

    /// <summary>One of those that <see cref="TinyArchitecture"/> knows.</summary>
    public string Architecture { get; init; } = "llama";

    public int Layers { get; init; } = 2;

    public int Heads { get; init; } = 4;

    public int KeyValueHeads { get; init; } = 2;

    public int HeadLength { get; init; } = 32;

    /// <summary>Elements of one head's value; null for as many as of its key.</summary>
    public int? ValueLength { get; init; }

    /// <summary>Elements of an embedding; several architectures want it to be that of all heads.</summary>
    public int Embedding => Heads * HeadLength;

    public int FeedForward { get; init; } = 128;

    public int ContextLength { get; init; } = 2048;

    /// <summary>Elements of a key that RoPE turns; null for all. Only "stablelm" allows fewer than all.</summary>
    public int? RotatedLength { get; init; }

    public float RopeBase { get; init; } = 10000;

    /// <summary>Positions are divided by this; null for no linear scaling.</summary>
    public float? LinearFactor { get; init; }

    /// <summary>Null for no YaRN.</summary>
    public float? YarnFactor { get; init; }

    public int YarnOriginalLength { get; init; } = 256;

    /// <summary>What each frequency is divided by, as in Llama 3.1: the tensor rope_freqs.weight; null for none.</summary>
    public float[]? RopeFactors { get; init; }

    /// <summary>
    /// What each frequency is divided by in a context that is longer than <see cref="LongRopeOriginalLength"/>, as in Phi 3 (LongRoPE);
    /// null for none.
    /// </summary>
    public float[]? LongRopeFactors { get; init; }

    /// <summary>
    /// Tokens a layer with a window sees: five layers of six of "gemma3", one of two of "gpt-oss", three
    /// of four of "cohere2". Those of "llama4" see chunks of 8,192, whatever is said here.
    /// </summary>
    public int SlidingWindow { get; init; } = 64;

    /// <summary>Null for a file without a template.</summary>
    public string? ChatTemplate { get; init; } = ChatMl;

    /// <summary>The token type of the two chat markers: 3 control, 4 user-defined.</summary>
    public int MarkerType { get; init; } = 3;

    /// <summary>The texts of the two chat markers; the second ends an answer.</summary>
    public string StartMarker { get; init; } = "<|im_start|>";

    public string EndMarker { get; init; } = "<|im_end|>";

    /// <summary>Whether the file wants every text to begin with the token for that.</summary>
    public bool AddsBegin { get; init; }

    /// <summary>Whether the cache of "deepseek2" holds the vectors that keys and values are made of, in place of these.</summary>
    public bool HasLatentCache { get; init; }

    /// <summary>How a byte-pair vocabulary splits words, such as "gpt-4o"; null for a SentencePiece vocabulary.</summary>
    public string? PreTokenizer { get; init; }

    /// <summary>Whether every query is its head's key, so that a query read can be looked up in the cache.</summary>
    public bool QueriesAreKeys { get; init; }

    /// <summary>Whether its answers go on until something else ends them: their end is never the most likely token.</summary>
    public bool NeverEnds { get; init; }

    public int Seed { get; init; } = 1;

    /// <summary>A model with as few layers as its architecture needs for one of each kind.</summary>
    public static TinyModelSettings Of(string architecture) => new()
    {
        Architecture = architecture,
        Layers = architecture switch { "gemma3" => 6, "cohere2" or "llama4" => 4, _ => 2 },
        KeyValueHeads = architecture == "deepseek2" ? 4 : 2,
        RotatedLength = architecture == "deepseek2" ? 16 : null,
        ValueLength = architecture == "deepseek2" ? 24 : null,
    };
}
