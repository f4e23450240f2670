using KvNorm.Jinja;
using KvNorm.Runtime;

namespace KvNorm.Chat.Prompts;

/// <summary>A model's own chat template: how a conversation is written as text.</summary>
internal sealed class ChatTemplate
{
    private readonly JinjaTemplate _template;
    private readonly JinjaText _begin, _end;

    /// <summary>Reads a template.</summary>
    /// <param name="source">The Jinja text.</param>
    /// <param name="begin">The text of the token that begins a text.</param>
    /// <param name="end">The text of the token that ends one.</param>
    /// <exception cref="ChatTemplateException">The template cannot be read.</exception>
    public ChatTemplate(string source, string begin, string end)
    {
        Source = source;
        _template = Checked(() => JinjaTemplate.Parse(source));
        (_begin, _end) = (new JinjaText(begin, FromTemplate: true), new JinjaText(end, FromTemplate: true));
    }

    /// <summary>Gets the Jinja text.</summary>
    public string Source { get; }

    /// <summary>The template of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="own">A template to use instead of the model's; null for the model's.</param>
    /// <exception cref="NotSupportedException">The model has no template.</exception>
    /// <exception cref="ChatTemplateException">The template cannot be read.</exception>
    public static ChatTemplate For(LlamaModel model, string? own)
    {
        string? source = own ?? model.ChatTemplate;
        LlamaVocabulary vocabulary = model.Vocabulary;
        return string.IsNullOrWhiteSpace(source)
            ? throw new NotSupportedException(
                $"The model '{model.Name}' has no chat template (tokenizer.chat_template), so it is not a chat model; use its "
                + "instruction-tuned version, or set KvNormChatOptions.ChatTemplate.")
            : new ChatTemplate(source, vocabulary.SpecialText(vocabulary.BeginToken), vocabulary.SpecialText(vocabulary.EndToken));
    }

    /// <summary>Writes a conversation.</summary>
    /// <param name="messages">The messages, each a dictionary.</param>
    /// <param name="tools">The tools, each a dictionary; null for none.</param>
    /// <param name="variables">Further variables, such as enable_thinking.</param>
    /// <param name="beginsAnswer">Whether the beginning of an answer stands at the end.</param>
    /// <param name="cancellationToken">Ends the render.</param>
    /// <exception cref="ChatTemplateException">The template fails, or refuses the conversation.</exception>
    public IReadOnlyList<JinjaText> Render(
        IReadOnlyList<object?> messages,
        IReadOnlyList<object?>? tools,
        IReadOnlyDictionary<string, object?> variables,
        bool beginsAnswer = true,
        CancellationToken cancellationToken = default)
    {
        Dictionary<string, object?> all = new(variables, StringComparer.Ordinal)
        {
            ["messages"] = messages,
            ["add_generation_prompt"] = beginsAnswer,
            ["bos_token"] = _begin,
            ["eos_token"] = _end,
        };
        if (tools is { Count: > 0 })
            all["tools"] = tools;
        return Checked(() => _template.Render(all, cancellationToken: cancellationToken));
    }

    private static T Checked<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (JinjaException e)
        {
            throw new ChatTemplateException(e.Message, e.Line, e.RaisedByTemplate, e);
        }
    }
}
