using KvNorm.Chat.Dialects;
using KvNorm.Chat.Prompts;
using KvNorm.Chat.Replies;
using KvNorm.Chat.Requests;
using KvNorm.Grammars;
using KvNorm.Jinja;
using KvNorm.Runtime;

namespace KvNorm.Chat;

/// <summary>The language side of a model: how conversations are written for it and how its answers are read. One caller at a time.</summary>
internal sealed class ChatModel
{
    private const int TailCharacters = 64; // longer than any mark of a thought

    private readonly LlamaVocabulary _vocabulary;
    private readonly ChatTemplate _template;
    private readonly PromptEncoder _encoder;

    /// <summary>Reads the template of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="template">A template to use instead of the model's; null for the model's.</param>
    public ChatModel(LlamaModel model, string? template)
    {
        _vocabulary = model.Vocabulary;
        _template = ChatTemplate.For(model, template);
        SpecialTokens specials = new(_vocabulary, _template.Source);
        Format = new AnswerFormat(_template.Source, specials.All);
        _encoder = new PromptEncoder(specials, _vocabulary);
    }

    /// <summary>Gets how calls, tools and thoughts are written.</summary>
    public AnswerFormat Format { get; }

    /// <summary>Writes a conversation as tokens.</summary>
    /// <returns>The tokens, and whether they end inside a thought.</returns>
    /// <exception cref="ChatTemplateException">The template refuses the conversation.</exception>
    public (Prompt Prompt, bool InThought) Encode(ChatRequest request, CancellationToken cancellationToken)
    {
        IReadOnlyList<object?>? tools = Format.TakesTools ? ToolPrompt.ForTemplate(request.Tools.Tools) : null;
        PromptText text = Write(request.Messages, messages => _template.Render(messages, tools, request.Variables, cancellationToken));
        return (_encoder.Encode(text), Format.Reasoning?.IsOpen(Tail(text.Pieces)) == true);
    }

    /// <summary>A sampler for the answer to a request.</summary>
    public LlamaSampler CreateSampler(ChatRequest request, bool inThought) => new(request.Sampling, _vocabulary, Format.Grammar(request, inThought));

    /// <summary>A reader of the answer to a request.</summary>
    public AnswerReader CreateReader(ChatRequest request, bool inThought)
    {
        ToolCallFormat? format = request.Tools.Tools.Count == 0 ? null
            : request.Tools.IsForbidden ? Format.Tools with { Bare = false } // JSON is an answer then
            : request.Json is not null ? Format.Tools with { Bare = Format.Tools.Start.Length == 0, Exact = Format.Tools.Start.Length == 0 } // and here, where calls have a mark
            : Format.Tools;
        bool isJson = request.Json is not null && !request.Tools.IsForced;
        return new AnswerReader(_vocabulary, Format, new AnswerParser(format, Format.Reasoning, request.Tools.Tools, inThought, isJson), request);
    }

    /// <summary>Remembers the tokens of an answer for when its text comes back.</summary>
    public void Remember(Prompt prompt, IEnumerable<int> sampled) => _encoder.Remember(prompt, sampled);

    /// <summary>Learns how a conversation that came from elsewhere is cut into tokens, for when its text comes back.</summary>
    public void Remember(int[] tokens) => _encoder.Remember(tokens, 0);

    // Some templates refuse two messages of one role in a row, or a system message. Such a conversation is given to them in the order they want.
    private static PromptText Write(IReadOnlyList<IReadOnlyDictionary<string, object?>> messages, Func<IReadOnlyList<object?>, IReadOnlyList<JinjaText>> render)
    {
        int leading = 0; // characters of system text that moved into the first message
        while (true)
        {
            try
            {
                return PromptText.Create(render, messages, leading);
            }
            catch (ChatTemplateException e) when (e.RaisedByTemplate && MessageOrder.Joined(messages) is { } joined)
            {
                messages = joined;
            }
            catch (ChatTemplateException e) when (e.RaisedByTemplate && MessageOrder.WithoutSystem(messages) is { } moved)
            {
                leading = $"{messages[0]["content"]}{MessageOrder.Separator}".Length;
                messages = moved;
            }
        }
    }

    private static string Tail(IReadOnlyList<JinjaText> pieces)
    {
        string tail = "";
        for (int i = pieces.Count - 1; i >= 0 && pieces[i].FromTemplate && tail.Length < TailCharacters; i--)
            tail = pieces[i].Text + tail;
        return tail;
    }
}
