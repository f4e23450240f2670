using KvNorm.Jinja;
using KvNorm.Runtime;

namespace KvNorm.Chat.Prompts;

/// <summary>A model's own chat template: how a conversation is written as text.</summary>
internal sealed class ChatTemplate
{
    private readonly JinjaTemplate _template;
    private readonly JinjaText _begin, _end;

    private ChatTemplate(string source, LlamaVocabulary vocabulary)
    {
        Source = source;
        _template = Checked(() => JinjaTemplate.Parse(source));
        _begin = new JinjaText(vocabulary.SpecialText(vocabulary.BeginToken), FromTemplate: true);
        _end = new JinjaText(vocabulary.SpecialText(vocabulary.EndToken), FromTemplate: true);
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
        return string.IsNullOrWhiteSpace(source)
            ? throw new NotSupportedException(
                $"The model '{model.Name}' has no chat template (tokenizer.chat_template), so it is not a chat model; use its "
                + "instruction-tuned version, or set KvNormChatOptions.ChatTemplate.")
            : new ChatTemplate(source, model.Vocabulary);
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
