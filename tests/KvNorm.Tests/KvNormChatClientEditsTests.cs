using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using KvNorm.Tests.Chat;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;
using static KvNorm.Tests.Chat.TestClient;

namespace KvNorm.Tests;

/// <summary>Random edits of a history on the embedded model: what is reused makes no difference to the text.</summary>
public sealed class KvNormChatClientEditsTests : IDisposable
{
    // Few and short: whole prompts of fewer than 64 tokens, above which llama.cpp computes batches by another kernel whose last digits
    // differ.
    private static readonly string[] Texts = ["Hi", "Go on.", "Why?", "Name one.", "No."];

    private readonly KvNormChatClient _client = Embedded();

    private enum Edit
    {
        Append,
        ChangeLast,
        DropFirstTurn,
        ChangeSystem,
        Repeat,
    }

    [Property(MaxTest = 4)]
    public Property GetResponseAsync_RandomEdits_GiveTheTextOfAnEmptyCache() => Prop.ForAll(Histories(), steps =>
    {
        List<ChatMessage> history = [Instruct("Be brief."), User("Hi")];
        foreach ((Edit edit, string text) in steps)
        {
            Apply(history, edit, text);
            string reused = _client.AnswerAsync(history, 6).GetAwaiter().GetResult();
            _client.Cache.Latest.Clear();
            string fresh = _client.AnswerAsync(history, 6).GetAwaiter().GetResult();
            Assert.Equal(fresh, reused);
        }

        Assert.Equal(0, _client.Statistics.Evictions);
    });

    public void Dispose() => _client.Dispose();

    private static Arbitrary<(Edit Edit, string Text)[]> Histories() =>
        (from edit in Gen.Elements(Enum.GetValues<Edit>()) from text in Gen.Elements(Texts) select (edit, text)).ArrayOf(4).ToArbitrary();

    private void Apply(List<ChatMessage> history, Edit edit, string text)
    {
        switch (edit)
        {
            case Edit.Append when history.Count < 4:
                history.AddRange([Assistant(_client.AnswerAsync(history, 4).GetAwaiter().GetResult()), User(text)]);
                break;
            case Edit.ChangeLast:
                history[^1] = User(text);
                break;
            case Edit.DropFirstTurn when history.Count > 3:
                history.RemoveRange(1, 2);
                break;
            case Edit.ChangeSystem:
                history[0] = Instruct(text);
                break;
        }
    }
}
