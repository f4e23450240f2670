using KvNorm.Llama;

namespace KvNorm.Chat;

/// <summary>
/// The ChatML family: `&lt;|im_start|&gt;role\ntext&lt;|im_end|&gt;\n` per turn. The markers are tokens of the template alone; text never becomes one.
/// This is the seam where the model's own template goes.
/// </summary>
internal sealed class ChatMlTemplate
{
    private const string StartMarker = "<|im_start|>";
    private const string EndMarker = "<|im_end|>";
    private const string SeparatorMarker = "<|im_sep|>"; // between role and text in Phi-4's relative of ChatML, in place of the line break

    private readonly LlamaVocabulary _vocabulary;
    private readonly int _start, _end;

    private ChatMlTemplate(LlamaVocabulary vocabulary, int start, int end) => (_vocabulary, _start, _end) = (vocabulary, start, end);

    /// <summary>The template of a model.</summary>
    /// <exception cref="NotSupportedException">The model has another template, or none.</exception>
    public static ChatMlTemplate For(LlamaModel model)
    {
        string template = model.ChatTemplate ?? throw new NotSupportedException($"The model '{model.Name}' has no chat template (tokenizer.chat_template), so it is not a chat model; use its instruction-tuned version.");
        if (template.Contains(StartMarker, StringComparison.Ordinal)
            && !template.Contains(SeparatorMarker, StringComparison.Ordinal)
            && model.Vocabulary.Special(StartMarker) is { } start
            && model.Vocabulary.Special(EndMarker) is { } end)
        {
            return new ChatMlTemplate(model.Vocabulary, start, end);
        }

        throw new NotSupportedException($"The chat template of the model '{model.Name}' is not of the ChatML family ({StartMarker}role ... {EndMarker}), the only one that can be written so far; a prompt in the wrong format would be misread.");
    }

    /// <summary>Appends a whole turn.</summary>
    public void AppendTurn(ChatTurn turn, List<int> tokens)
    {
        // Role and text are tokenised as one, as llama.cpp does between two special tokens.
        tokens.Add(_start);
        _vocabulary.TokenizeText($"{turn.Role}\n{turn.Text}", tokens);
        AppendClosing(tokens);
    }

    /// <summary>Appends what comes before an answer.</summary>
    public void AppendOpening(List<int> tokens)
    {
        tokens.Add(_start);
        _vocabulary.TokenizeText($"{ChatTurn.Assistant}\n", tokens);
    }

    /// <summary>Appends what comes behind an answer.</summary>
    public void AppendClosing(List<int> tokens)
    {
        tokens.Add(_end);
        _vocabulary.TokenizeText("\n", tokens);
    }
}
