using KvNorm.Chat.Dialects;
using Microsoft.Extensions.AI;

namespace KvNorm.Chat.Prompts;

/// <summary>Puts a conversation into an order that a template takes. Nothing that was said is lost.</summary>
/// <param name="calls">How calls are written as text.</param>
internal sealed class MessageOrder(ToolCallFormat calls)
{
    /// <summary>What stands between two texts that became one.</summary>
    public const string Separator = "\n\n";

    private const string Prompting = "Go on."; // a user's turn where a template insists on one
    private const string Agreeing = "OK.";     // the same for the assistant's
    private const string NoResult = "No result.";

    /// <summary>Does one step.</summary>
    public List<TemplateMessage> Apply(MessageStep step, IReadOnlyList<TemplateMessage> messages) => step switch
    {
        MessageStep.CallsAsText => messages.Select(CallsAsText).ToList(),
        MessageStep.ResultsAsText => ResultsAsText(messages),
        MessageStep.OneCallEach => OneCallEach(messages),
        MessageStep.AnswerCalls => AnswerCalls(messages),
        MessageStep.SystemIntoUser => SystemIntoUser(messages, from: 0),
        MessageStep.LateSystemIntoUser => SystemIntoUser(messages, messages is [{ IsSystem: true }, ..] ? 1 : 0),
        MessageStep.DropEmpty => Without(messages, static message => message.IsEmpty),
        MessageStep.DropThoughts => Without(messages, static message => message.IsEmpty || message.IsThought),
        MessageStep.UserFirst => UserFirst(messages),
        MessageStep.AnswerResults => AnswerResults(messages),
        MessageStep.Join => Joined(messages),
        MessageStep.SplitCalls => SplitCalls(messages, apart: false),
        MessageStep.SplitCallsApart => SplitCalls(messages, apart: true),
        _ => throw new ArgumentOutOfRangeException(nameof(step)),
    };

    // The last answer may be one to go on with.
    private static List<TemplateMessage> Without(IReadOnlyList<TemplateMessage> messages, Func<TemplateMessage, bool> goes) =>
        [.. messages.Where((message, i) => i == messages.Count - 1 || !message.IsAssistant || !goes(message))];

    private TemplateMessage CallsAsText(TemplateMessage message)
    {
        if (message.Calls.Count == 0)
            return message;
        string text = ToolCallText.Write(calls, message.Calls.Select(static call => (call.Name, MessageForm.Arguments(call))));
        return message with { Text = Join(message.Text, text, "\n"), Calls = [], HasExchangeAsText = true };
    }

    private static List<TemplateMessage> ResultsAsText(IReadOnlyList<TemplateMessage> messages)
    {
        List<TemplateMessage> made = [];
        bool open = false; // whether the last message is the text of results
        foreach (TemplateMessage message in messages)
        {
            if (message.CallId is null)
            {
                made.Add(message);
                open = false;
                continue;
            }

            string json = $"{{\"name\": {ToolCallText.Quote(message.ToolName!)}, \"content\": {ToolCallText.Quote(message.Text)}}}";
            string text = $"{ToolCallFormat.ResultStart}\n{json}\n{ToolCallFormat.ResultEnd}";
            if (open)
                made[^1] = made[^1] with { Text = made[^1].Text + "\n" + text };
            else
                made.Add(new TemplateMessage(TemplateRoles.User, text, message.Index) { HasExchangeAsText = true });
            open = true;
        }

        return made;
    }

    private static List<TemplateMessage> OneCallEach(IReadOnlyList<TemplateMessage> messages)
    {
        List<TemplateMessage> left = [.. messages], made = [];
        while (left.Count > 0)
        {
            TemplateMessage message = Take(left, 0);
            foreach (FunctionCallContent call in message.Calls.Count > 1 ? message.Calls : [])
            {
                bool isFirst = ReferenceEquals(call, message.Calls[0]);
                TemplateMessage caller = isFirst ? message : new TemplateMessage(message.Role, "", message.Index);
                made.Add(caller with { Calls = [call] });
                if (TakeResult(left, call) is { } result)
                    made.Add(result);
            }

            if (message.Calls.Count <= 1)
                made.Add(message);
        }

        return made;
    }

    private static List<TemplateMessage> AnswerCalls(IReadOnlyList<TemplateMessage> messages)
    {
        List<TemplateMessage> left = [.. messages], made = [];
        while (left.Count > 0)
        {
            TemplateMessage message = Take(left, 0);
            made.Add(message);
            made.AddRange(message.Calls.Select(call => TakeResult(left, call) ?? NoResultOf(call, message.Index)));
        }

        return made;
    }

    private static TemplateMessage NoResultOf(FunctionCallContent call, int index) =>
        new(TemplateRoles.Tool, NoResult, index) { CallId = call.CallId, ToolName = call.Name };

    private static TemplateMessage? TakeResult(List<TemplateMessage> left, FunctionCallContent call)
    {
        int again = left.FindIndex(message => message.Calls.Any(other => other.CallId == call.CallId)); // an id that is used twice
        int at = left.FindIndex(message => message.CallId == call.CallId);
        return at < 0 || (again >= 0 && again < at) ? null : Take(left, at);
    }

    private static TemplateMessage Take(List<TemplateMessage> messages, int at)
    {
        TemplateMessage taken = messages[at];
        messages.RemoveAt(at);
        return taken;
    }

    private static List<TemplateMessage> SystemIntoUser(IReadOnlyList<TemplateMessage> messages, int from)
    {
        List<TemplateMessage> made = [.. messages.Take(from)];
        TemplateMessage? moved = null;
        foreach (TemplateMessage message in messages.Skip(from))
        {
            if (message.IsSystem)
            {
                moved = JoinIfAny(moved, AsUser(message, isFirst: made.Count == 0));
                continue;
            }

            if (moved is not null && !message.IsUser)
                made.Add(moved);
            made.Add(message.IsUser ? JoinIfAny(moved, message) : message);
            moved = null;
        }

        return moved is null ? made : [.. made, moved];
    }

    // What opens the conversation is still known as system text, which stays in the cache.
    private static TemplateMessage AsUser(TemplateMessage system, bool isFirst) =>
        system with { Role = TemplateRoles.User, SystemLength = isFirst ? system.Text.Length : 0 };

    private static List<TemplateMessage> UserFirst(IReadOnlyList<TemplateMessage> messages)
    {
        List<TemplateMessage> made = [.. messages];
        int at = made.FindIndex(static message => !message.IsSystem);
        if (at < 0)
            made.Add(Filler(TemplateRoles.User, Prompting));
        else if (!made[at].IsUser)
            made.Insert(at, Filler(TemplateRoles.User, Prompting, made[at].Index));
        return made;
    }

    private static List<TemplateMessage> AnswerResults(IReadOnlyList<TemplateMessage> messages)
    {
        List<TemplateMessage> made = [];
        foreach (TemplateMessage message in messages)
        {
            if (message.IsUser && made is [.., { CallId: not null }])
                made.Add(Filler(TemplateRoles.Assistant, Agreeing, message.Index));
            made.Add(message);
        }

        return made;
    }

    private static List<TemplateMessage> Joined(IReadOnlyList<TemplateMessage> messages)
    {
        List<TemplateMessage> made = [];
        foreach (TemplateMessage message in messages)
        {
            if (made is [.., { CallId: null, Calls.Count: 0 } last] && last.Role == message.Role && message.CallId is null)
                made[^1] = Join(last, message);
            else
                made.Add(message);
        }

        return made;
    }

    private static List<TemplateMessage> SplitCalls(IReadOnlyList<TemplateMessage> messages, bool apart)
    {
        List<TemplateMessage> made = [];
        foreach (TemplateMessage message in messages)
        {
            if (message.Calls.Count == 0 || string.IsNullOrWhiteSpace(message.Text))
            {
                made.Add(message);
                continue;
            }

            made.Add(message with { Calls = [], Reasoning = "" });
            if (apart)
                made.Add(Filler(TemplateRoles.User, Prompting, message.Index));
            made.Add(message with { Text = "" });
        }

        return made;
    }

    private static TemplateMessage Filler(string role, string text, int index = -1) => new(role, text, index) { IsFiller = true };

    private static TemplateMessage JoinIfAny(TemplateMessage? first, TemplateMessage second) =>
        first is null ? second : Join(first, second);

    private static TemplateMessage Join(TemplateMessage first, TemplateMessage second)
    {
        string text = Join(first.Text, second.Text, Separator);
        bool isAllSystem = first.SystemLength > 0 && first.SystemLength == first.Text.Length;
        return second with
        {
            Text = text,
            Reasoning = Join(first.Reasoning, second.Reasoning, Separator),
            SystemLength = isAllSystem ? text.Length - second.Text.Length + second.SystemLength : first.SystemLength,
            Tools = first.Tools ?? second.Tools,
            IsFiller = first.IsFiller && second.IsFiller,
        };
    }

    private static string Join(string text, string more, string separator) =>
        text.Length == 0 || more.Length == 0 ? text + more : text + separator + more;
}
