using KvNorm.Chat.Dialects;
using KvNorm.Chat.Replies;
using KvNorm.Chat.Requests;
using KvNorm.Runtime;
using KvNorm.Tests.Gguf;
using Microsoft.Extensions.AI;
using static KvNorm.Tests.Chat.Conversation;

namespace KvNorm.Tests.Chat.Replies;

/// <summary>Text, thoughts and stop sequences of one answer.</summary>
public sealed class AnswerReaderTests
{
    private const string Thinking = "{{ '<think></think>' }}"; // what a template of a reasoning model has in it
    private static readonly LlamaVocabulary Vocabulary = EmbeddedModel.Model.Vocabulary;

    [Theory]
    [InlineData("a STOP b", "a ", true)]
    [InlineData("ST<think>x</think>OP", "ST|(x)|OP", false)] // text that never stood together is no stop sequence
    [InlineData("<think>STOP</think>done", "(STOP)|done", false)]
    [InlineData("<think>x</think>a STOP b", "(x)|a ", true)]
    public void Push_StopSequence_IsLookedForInTextAlone(string answer, string shown, bool stopped)
    {
        AnswerReader reader = Create();
        List<AIContent> contents = [];
        foreach (int token in Tokens(answer))
            contents.AddRange(reader.Push(token));
        contents.AddRange(reader.Finish(cut: false));
        Assert.Equal(shown, Write(contents));
        Assert.Equal(stopped, reader.Stopped);
    }

    [Fact]
    public void Push_Thought_IsHiddenWhereUnwantedAndCountedAllTheSame()
    {
        AnswerReader reader = Create(ReasoningOutput.None);
        List<AIContent> contents =
            [.. Tokens("<think>a long thought</think>done").SelectMany(reader.Push).ToList(), .. reader.Finish(cut: false)];
        Assert.Equal("done", Write(contents));
        Assert.True(reader.ReasoningTokens > 2);
    }

    // White space may belong to a mark that follows, so it is held back, but not from the stop sequences.
    [Theory]
    [InlineData("a \n\n\n", "a ", 3)]
    [InlineData("a.\nb", "a.", 3)]
    [InlineData("<think>\n\n</think>\n\n\n", "", 0)]
    [InlineData("\n<think>Hm.</think>Yes.", "(Hm.)|Yes.", 0)]
    public void Push_StopSequenceOfWhiteSpace_StopsWhereItIsWritten(string answer, string shown, int length)
    {
        AnswerReader reader = Create(stop: "\n");
        List<AIContent> contents = [];
        int read = 0;
        foreach (char letter in answer)
        {
            contents.AddRange(reader.Push(Tokens(letter.ToString()).Single()));
            read++;
            if (reader.Stopped)
                break;
        }

        contents.AddRange(reader.Finish(cut: false));
        Assert.Equal(shown, Write(contents));
        Assert.Equal(length, reader.Stopped ? read : 0);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public void Push_SeveralCalls_AreAsManyAsTheRequestAllows(bool many, int calls)
    {
        ChatOptions options = new() { Tools = [.. Spoken.Tools], AllowMultipleToolCalls = many };
        Dialect dialect = new(Thinking, []);
        ChatRequest request = ChatRequest.Create([User("Hi")], options, new KvNormChatOptions(), new SilentChatClient());
        AnswerParser parser = new(Spoken.Format("Llama 3"), null, Spoken.Tools);
        AnswerReader reader = new(Vocabulary, dialect, parser, request);
        List<AIContent> contents =
            [.. Tokens("{\"name\":\"time\",\"parameters\":{}}; {\"name\":\"time\",\"parameters\":{}}").SelectMany(reader.Push).ToList()];
        contents.AddRange(reader.Finish(cut: false));
        Assert.Equal(calls, contents.OfType<FunctionCallContent>().Count());
    }

    private static AnswerReader Create(ReasoningOutput output = ReasoningOutput.Full, string stop = "STOP")
    {
        ChatOptions options = new() { StopSequences = [stop], Reasoning = new ReasoningOptions { Output = output } };
        Dialect dialect = new(Thinking, []);
        ChatRequest request = ChatRequest.Create([User("Hi")], options, new KvNormChatOptions(), new SilentChatClient());
        return new AnswerReader(Vocabulary, dialect, new AnswerParser(null, dialect.Reasoning, []), request);
    }

    // Neighbouring contents of one kind as one; thoughts in brackets.
    private static string Write(IEnumerable<AIContent> contents)
    {
        string text = string.Concat(contents.Select(
            content => content is TextReasoningContent thought ? $"\u0001({thought.Text})\u0001" : ((TextContent)content).Text));
        return text.Replace(")\u0001\u0001(", "", StringComparison.Ordinal).Trim('\u0001').Replace('\u0001', '|');
    }

    private static List<int> Tokens(string text)
    {
        List<int> tokens = [];
        Vocabulary.TokenizeText(text, tokens);
        return tokens;
    }
}
