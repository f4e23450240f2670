using KvNorm.Chat.Dialects;
using KvNorm.Chat.Requests;
using KvNorm.Jinja;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Prompts;

/// <summary>Writes conversations with a model's chat template, in the order and form that it takes. Safe for concurrent use.</summary>
internal sealed class ConversationWriter
{
    private const int TailCharacters = 64; // longer than any mark of a reasoning or a call

    private static readonly Dictionary<string, object?> NoVariables = [];

    private readonly ChatTemplate _template;
    private readonly Dialect _dialect;
    private readonly Lazy<TemplatePlan> _plan, _planWithTools;

    /// <summary>Prepares for a template, which is looked into when it is first used.</summary>
    public ConversationWriter(ChatTemplate template, Dialect dialect)
    {
        (_template, _dialect) = (template, dialect);
        _plan = new Lazy<TemplatePlan>(() => Probe(givesTools: false));
        _planWithTools = new Lazy<TemplatePlan>(() => Probe(givesTools: true));
    }

    /// <summary>What is done to conversations for the template.</summary>
    /// <param name="tools">Whether the template is given tools.</param>
    public TemplatePlan Plan(bool tools) => tools && _dialect.TakesTools ? _planWithTools.Value : _plan.Value;

    /// <summary>Writes the conversation of a request.</summary>
    /// <returns>The text, and where the answer begins after it.</returns>
    /// <exception cref="ArgumentException">A message or content stands where it cannot.</exception>
    /// <exception cref="NotSupportedException">A content is no text.</exception>
    /// <exception cref="ChatTemplateException">The template refuses the conversation, or leaves out a text of it.</exception>
    public (PromptText Text, AnswerBeginning Beginning) Write(ChatRequest request, CancellationToken cancellationToken)
    {
        TemplatePlan plan = Plan(request.Tools.Tools.Count > 0);
        IReadOnlyList<object?>? tools = _dialect.TakesTools ? ToolPrompt.ForTemplate(request.Tools.Tools, plan.Schemas) : null;
        IReadOnlyList<ChatMessage> conversation =
            request.IsJsonOrCall ? JsonPrompt.Tell(request.Messages, request.Json!) : request.Messages;
        IReadOnlyList<TemplateMessage> messages = plan.Ordered(
            TemplateMessages.Create(conversation, request.Instructions, request.Tools, _dialect), _dialect.ToolCalls);
        OpenAnswer? open = request.ContinuesAnswer ? new OpenAnswer(messages[^1]) : null;
        PromptText text = PromptText.Create(open is null ? Render : given => open.Render(Render, given), messages);
        return (text, open is null ? _dialect.Beginning(Tail(text.Pieces)) : new AnswerBeginning(InReasoning: open.IsThought));

        IReadOnlyList<JinjaText> Render(IReadOnlyList<TemplateMessage> given)
        {
            try
            {
                return Try(given);
            }
            catch (ChatTemplateException e)
            {
                throw Refused(given, e);
            }
        }

        IReadOnlyList<JinjaText> Try(IReadOnlyList<TemplateMessage> given) =>
            _template.Render([.. given.Select(plan.Form.Write)], tools, request.Variables, open is null, cancellationToken);

        // The shortest beginning of the conversation that is refused ends with the message that is to blame.
        ChatTemplateException Refused(IReadOnlyList<TemplateMessage> given, ChatTemplateException reason)
        {
            int taken = 0, refused = given.Count;
            while (refused - taken > 1)
            {
                int middle = taken + ((refused - taken) / 2);
                if (Takes(middle))
                    taken = middle;
                else
                    refused = middle;
            }

            string place = given.Count == 0 ? "The conversation" : given[refused - 1].Place;
            return new ChatTemplateException($"{place}: {reason.Message}", reason.Line, reason.RaisedByTemplate, reason);

            bool Takes(int count)
            {
                try
                {
                    Try([.. given.Take(count)]);
                    return true;
                }
                catch (ChatTemplateException)
                {
                    return false;
                }
            }
        }
    }

    private TemplatePlan Probe(bool givesTools) =>
        new TemplateProbe((messages, tools) => _template.Render(messages, givesTools ? tools : null, NoVariables), _dialect.ToolCalls)
            .Run(_dialect);

    private static string Tail(IReadOnlyList<JinjaText> pieces)
    {
        string tail = "";
        for (int i = pieces.Count - 1; i >= 0 && pieces[i].FromTemplate && tail.Length < TailCharacters; i--)
            tail = pieces[i].Text + tail;
        return tail;
    }
}
