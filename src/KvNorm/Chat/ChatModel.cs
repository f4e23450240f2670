using System.Collections.Concurrent;
using KvNorm.Chat.Constraints;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Prompts;
using KvNorm.Chat.Replies;
using KvNorm.Chat.Requests;
using KvNorm.Runtime;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvNorm.Chat;

/// <summary>
/// The language side of a model: how conversations are written for it, what an answer may look like and how it is read. Safe for concurrent
/// use.
/// </summary>
internal sealed class ChatModel
{
    private const int MaximumReports = 1000; // of schemas; they are strangers' text

    private readonly LlamaVocabulary _vocabulary;
    private readonly ConversationWriter _writer;
    private readonly PromptEncoder _encoder;
    private readonly Dialect _dialect;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, bool> _reported = new(StringComparer.Ordinal);

    /// <summary>Reads the template of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="template">A template to use instead of the model's; null for the model's.</param>
    /// <param name="logger">Told of schemas that cannot be read.</param>
    public ChatModel(LlamaModel model, string? template, ILogger? logger = null)
    {
        _logger = logger ?? NullLogger.Instance;
        _vocabulary = model.Vocabulary;
        ChatTemplate own = ChatTemplate.For(model, template);
        SpecialTokens specials = new(_vocabulary, own.Source);
        _dialect = new Dialect(own.Source, specials.All);
        _writer = new ConversationWriter(own, _dialect);
        _encoder = new PromptEncoder(specials, _vocabulary);
    }

    /// <summary>Writes a conversation as tokens.</summary>
    /// <returns>The tokens, and where the answer begins.</returns>
    /// <exception cref="ArgumentException">A message or content stands where it cannot.</exception>
    /// <exception cref="NotSupportedException">A content is no text.</exception>
    /// <exception cref="ChatTemplateException">The template refuses the conversation.</exception>
    public (Prompt Prompt, AnswerBeginning Beginning) Encode(ChatRequest request, CancellationToken cancellationToken)
    {
        (PromptText text, AnswerBeginning beginning) = _writer.Write(request, cancellationToken);
        return (_encoder.Encode(text), beginning);
    }

    /// <summary>A sampler for the answer to a request, its grammar compiled.</summary>
    /// <exception cref="ArgumentException">The answer's schema cannot be satisfied, or is too large.</exception>
    public LlamaSampler CreateSampler(ChatRequest request, AnswerBeginning beginning)
    {
        try
        {
            return Create(request);
        }
        catch (ArgumentException e) when (request.Tools.Tools.Count > 0)
        {
            Report($"The grammar of the tools is too large, so their arguments are left open. {e.Message}");
            return Create(request with { Tools = request.Tools.WithOpenArguments() });
        }

        LlamaSampler Create(ChatRequest what) => new(what.Sampling, _vocabulary, AnswerGrammar.For(what, _dialect, beginning, Report));
    }

    /// <summary>A reader of the answer to a request.</summary>
    public AnswerReader CreateReader(ChatRequest request, AnswerBeginning beginning)
    {
        bool isJson = request.Json is not null && !request.Tools.IsForced;
        AnswerParser parser = new(CallsIn(request), _dialect.Reasoning, request.Tools.Tools, beginning, isJson, Hidden(request));
        return new AnswerReader(_vocabulary, _dialect, parser, request);
    }

    /// <summary>Remembers the tokens of an answer for when its text comes back.</summary>
    public void Remember(Prompt prompt, IEnumerable<int> sampled) => _encoder.Remember(prompt, sampled);

    /// <summary>Learns how a conversation that came from elsewhere is cut into tokens, for when its text comes back.</summary>
    public void Remember(int[] tokens) => _encoder.Remember(tokens, 0);

    // Where no tools are offered any more, a model may still write what it has read of calls and results.
    private IEnumerable<string> Hidden(ChatRequest request)
    {
        ToolCallFormat calls = _dialect.ToolCalls;
        if (request.Tools.Tools.Count > 0)
            return calls.ResultMarks;
        return request.HasCalls ? [.. calls.Starts, .. calls.Dropped, .. calls.ResultMarks] : [];
    }

    // Once: the same tools come with every request.
    private void Report(string problem)
    {
        if (_reported.Count < MaximumReports && _reported.TryAdd(problem, true))
            LogMessages.SchemaUnreadable(_logger, problem);
    }

    // JSON is an answer, and no tool call, where calls are forbidden or have a mark; without one a call must be written exactly as the
    // grammar has it.
    private ToolCallFormat? CallsIn(ChatRequest request)
    {
        if (request.Tools.Tools.Count == 0)
            return null;
        ToolCallFormat calls = _dialect.ToolCalls;
        if (request.Tools.IsForbidden)
            return calls with { Bare = false };
        bool isUnmarked = calls.Start.Length == 0;
        return request.Json is null ? calls : calls with { Bare = isUnmarked, Exact = isUnmarked };
    }
}
