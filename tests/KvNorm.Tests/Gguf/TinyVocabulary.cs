namespace KvNorm.Tests.Gguf;

/// <summary>A SentencePiece vocabulary: three special tokens, all bytes, letters, a few words, the two chat markers.</summary>
internal static class TinyVocabulary
{
    public const int Unknown = 0;
    public const int BeginOfText = 1;
    public const int EndOfText = 2;

    /// <summary>The token of byte 0; the other bytes follow.</summary>
    public const int FirstByte = 3;

    private const int NormalType = 1, UnknownType = 2, ControlType = 3, ByteType = 6;

    private static readonly string[] Words =
    [
        .. "abcdefghijklmnopqrstuvwxyz".Select(static letter => letter.ToString()), "▁", ".", "!", "?", ",",
        "th", "the", "▁the", "▁a", "an", "and", "▁and", "in", "ing", "er", "▁w", "▁wo", "▁wor", "▁word",
        "he", "hel", "hell", "hello",
    ];

    public static int Count => FirstByte + 256 + Words.Length + 2;

    public static int StartMarker => Count - 2;

    public static int EndMarker => Count - 1;

    /// <summary>What ends an answer: the runtime takes "&lt;/s&gt;" for an end too, whatever the file names.</summary>
    public static int[] Ends => [EndOfText, EndMarker];

    /// <summary>Writes a byte-pair vocabulary of as many tokens, split into words the way <paramref name="preTokenizer"/> names.</summary>
    public static void WriteBytePairs(GgufWriter file, string preTokenizer)
    {
        string[] bytes = [.. Enumerable.Range(0, 256).Select(static value => ((char)LetterOf(value)).ToString())];
        string[] fillers = [.. Enumerable.Range(0, Count - bytes.Length - 2).Select(static i => $"filler{i}")];
        string[] tokens = [.. bytes, .. fillers, "<|im_start|>", "<|im_end|>"];
        int[] types = new int[tokens.Length];
        Array.Fill(types, NormalType);
        types[StartMarker] = types[EndMarker] = ControlType;
        file.Add("tokenizer.ggml.model", "gpt2");
        file.Add("tokenizer.ggml.pre", preTokenizer);
        file.Add("tokenizer.ggml.tokens", tokens);
        file.Add("tokenizer.ggml.token_type", types);
        file.Add("tokenizer.ggml.merges", ["t h"]);
        file.Add("tokenizer.ggml.bos_token_id", (uint)EndMarker);
        file.Add("tokenizer.ggml.eos_token_id", (uint)EndMarker);
        file.Add("tokenizer.ggml.add_bos_token", false);
    }

    // GPT-2's way to write a byte as a letter: printable ones as they are, the others from 256 on.
    private static int LetterOf(int value)
    {
        static bool IsPrintable(int b) => b is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174;
        return IsPrintable(value) ? value : 256 + Enumerable.Range(0, value).Count(static b => !IsPrintable(b));
    }

    public static void Write(GgufWriter file, TinyModelSettings settings)
    {
        string[] tokens =
        [
            "<unk>",
            "<s>",
            "</s>",
            .. Enumerable.Range(0, 256).Select(static value => $"<0x{value:X2}>"),
            .. Words,
            settings.StartMarker,
            settings.EndMarker,
        ];
        int[] types = new int[tokens.Length];
        float[] scores = new float[tokens.Length];
        for (int token = 0; token < tokens.Length; token++)
        {
            types[token] = token < FirstByte + 256 ? ByteType : NormalType;
            scores[token] = token < FirstByte + 256 ? 0 : tokens[token].Length - 100; // longer words are merged first
        }

        (types[Unknown], types[BeginOfText], types[EndOfText]) = (UnknownType, ControlType, ControlType);
        types[StartMarker] = types[EndMarker] = settings.MarkerType;
        file.Add("tokenizer.ggml.model", "llama");
        file.Add("tokenizer.ggml.tokens", tokens);
        file.Add("tokenizer.ggml.scores", scores);
        file.Add("tokenizer.ggml.token_type", types);
        file.Add("tokenizer.ggml.bos_token_id", (uint)BeginOfText);
        file.Add("tokenizer.ggml.eos_token_id", (uint)EndMarker);
        file.Add("tokenizer.ggml.unknown_token_id", (uint)Unknown);
        file.Add("tokenizer.ggml.add_bos_token", settings.AddsBegin);
        file.Add("tokenizer.ggml.add_space_prefix", false);
    }
}
