using KvNorm.Chat.Dialects;
using KvNorm.Chat.Requests;
using KvNorm.Runtime;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Replies;

/// <summary>Turns sampled tokens into what the caller gets: text up to a stop sequence, reasoning and tool calls.</summary>
internal sealed class AnswerReader(LlamaVocabulary vocabulary, Dialect dialect, AnswerParser parser, ChatRequest request)
{
    private readonly AnswerText _text = new(vocabulary, dialect.IsMark);
    private readonly StopScanner _scanner = new(request.StopSequences);
    private readonly List<AIContent> _ready = [];

    /// <summary>Gets whether a stop sequence was found.</summary>
    public bool Stopped => _scanner.Stopped;

    /// <summary>Gets whether a call was read that can be run.</summary>
    public bool HasCalls { get; private set; }

    /// <summary>Gets the tokens that were reasoning.</summary>
    public int ReasoningTokens { get; private set; }

    /// <summary>Takes a token.</summary>
    /// <returns>What may be shown now, often nothing.</returns>
    public IReadOnlyList<AIContent> Push(int token)
    {
        bool before = parser.InReasoning;
        Take(parser.Push(_text.Push(token)));
        if (!Stopped && _scanner.StopsIn(parser.HeldSpace))
            Show(_scanner.Push(parser.HeldSpace));
        if (before || parser.InReasoning)
            ReasoningTokens++;
        return Ready();
    }

    /// <summary>No more tokens come.</summary>
    /// <param name="cut">Whether a limit ended the answer.</param>
    public IReadOnlyList<AIContent> Finish(bool cut)
    {
        Take(parser.Push(_text.Finish()));
        Take(parser.Finish(cut));
        if (!Stopped)
            Show(_scanner.Finish());
        return Ready();
    }

    private void Take(IEnumerable<AIContent> contents)
    {
        foreach (AIContent content in contents)
        {
            if (Stopped)
                return; // what stands after a stop sequence was never said
            switch (content)
            {
                case TextReasoningContent:
                    Show(_scanner.Finish()); // no stop sequence goes across a reasoning
                    if (request.ShowsReasoning)
                        _ready.Add(content);
                    break;
                case TextContent when UnopenedThought.IsEnd(content):
                    Show(_scanner.Finish());
                    _ready.Add(content);
                    break;
                case TextContent text:
                    Show(_scanner.Push(text.Text));
                    break;
                case FunctionCallContent when request.Tools.IsForbidden || (HasCalls && !request.Tools.Many):
                    break;
                default:
                    Show(_scanner.Finish());
                    HasCalls |= content is FunctionCallContent { InformationalOnly: false };
                    _ready.Add(content);
                    break;
            }
        }
    }

    private void Show(string text)
    {
        if (text.Length > 0)
            _ready.Add(new TextContent(text));
    }

    private AIContent[] Ready()
    {
        AIContent[] ready = [.. _ready];
        _ready.Clear();
        return ready;
    }
}
