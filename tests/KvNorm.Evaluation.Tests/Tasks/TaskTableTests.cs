using KvNorm.Evaluation.Tasks;
using KvNorm.Evaluation.Tests.Models;

namespace KvNorm.Evaluation.Tests.Tasks;

/// <summary>What holds for every task that makes its own items.</summary>
public sealed class TaskTableTests
{
    public static TheoryData<string> Made() =>
        new(EvaluationTask.All.OfType<RetrievalTask>().Where(static task => task.CountIn is null).Select(static task => task.Name));

    [Fact]
    public void All_Names_AreDifferent() =>
        Assert.Distinct(EvaluationTask.All.Select(static task => task.Name), StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(Made))]
    public void Create_SameRequest_IsTheSameItemAndAnotherOneForAnotherNumberOrSeed(string name)
    {
        ScriptedModel model = new();
        RetrievalTask task = Items.Retrieval(name);
        string first = Describe(model, task.Create(Items.Request(model)));
        Assert.True(first == Describe(model, task.Create(Items.Request(model))));
        Assert.False(first == Describe(model, task.Create(Items.Request(model, index: 5)))); // of the same depth
        Assert.False(first == Describe(model, task.Create(Items.Request(model, seed: 2))));
    }

    [Theory]
    [MemberData(nameof(Made))]
    public void Create_Length_IsAboutWhatWasAskedFor(string name)
    {
        ScriptedModel model = new();
        foreach (int length in new[] { 600, 1500 })
        {
            RetrievalItem item = Items.Retrieval(name).Create(Items.Request(model, length: length));
            Assert.InRange(item.Length + item.ProbeTokens, length * 0.7, length * 1.3);
        }
    }

    [Theory]
    [MemberData(nameof(Made))]
    public void Create_Answers_StandInTheTextAndNotInTheQuestion(string name)
    {
        ScriptedModel model = new();
        RetrievalItem item = Items.Retrieval(name).Create(Items.Request(model, index: 3));
        string text = Items.TextOf(model, item);
        Assert.NotEmpty(item.Probes);
        Assert.All(item.Probes, probe =>
        {
            Assert.Equal(name == "conversation.smalltalk", probe.Expected.Count == 0);
            Assert.NotEmpty(probe.Question);
            Assert.All(probe.Expected, expected => Assert.Contains(expected, text, StringComparison.Ordinal));
            string question = model.Text(probe.Question);
            Assert.All(probe.Expected, expected => Assert.DoesNotContain(expected, question, StringComparison.Ordinal));
            Assert.All(probe.Expected, expected => Assert.Contains(expected, model.Text(probe.RightAnswer), StringComparison.Ordinal));
            Assert.True(probe.MaximumTokens > 0);
        });
    }

    // Where an arm has no meaning it is not missing either: a run that goes on has nothing to read for it.
    [Theory]
    [InlineData("attention", "full drop-oldest context-shift salience-recall", "salience fastgen-static")]
    [InlineData("cost", "full drop-oldest context-shift salience-once", "salience keydiff+sentence fastgen-static")]
    [InlineData("needle.one", "salience-recall passage", "full salience fastgen-static drop-oldest")]
    [InlineData("agent", "", "full salience-recall salience-once passage")]
    public void Measures_Arms_AreThoseThatMeanSomething(string name, string nothing, string something)
    {
        EvaluationTask task = Assert.Single(EvaluationTask.Named(name));
        Assert.All(nothing.Split(' ', StringSplitOptions.RemoveEmptyEntries), arm => Assert.False(task.Measures(EvaluationArm.Parse(arm))));
        Assert.All(something.Split(' '), arm => Assert.True(task.Measures(EvaluationArm.Parse(arm))));
    }

    // A UUID is some 36 tokens of a model that writes every digit by itself.
    [Fact]
    public void Create_EmbeddedModel_HasRoomForTheRightAnswerAndItsEnd()
    {
        using EvaluationModel model = EvaluationModel.Load(new KvNormChatOptions { Threads = 1 });
        Assert.All(EvaluationTask.All.OfType<RetrievalTask>().Where(static task => task.CountIn is null), task =>
        {
            foreach (int index in Enumerable.Range(0, 5))
            {
                Assert.All(task.Create(Items.Request(model, index)).Probes, probe =>
                    Assert.True(probe.RightAnswer.Length < probe.MaximumTokens, $"{task.Name}: {probe.RightAnswer.Length} tokens"));
            }
        });
    }

    // Keys and orders are drawn, and two of some hundred are often the same.
    [Theory]
    [InlineData("agent", 600)]
    [InlineData("ruler.niah_multikey_1", 300)]
    [InlineData("ruler.niah_multikey_2", 4000)]
    [InlineData("ruler.niah_multiquery", 300)]
    public void Create_ManyItems_AskForNothingThatWasToldTwice(string name, int length)
    {
        for (int index = 0; index < 150; index++)
        {
            ScriptedModel model = new(); // which learns so many words
            RetrievalItem item = Items.Retrieval(name).Create(Items.Request(model, index: index, length: length));
            Assert.Distinct(item.Probes.Select(static probe => probe.Name), StringComparer.Ordinal);
            string question = model.Text(item.Probes[0].Question);
            IEnumerable<string> told = Items.TextOf(model, item).Split("One of the special magic numbers for ").Skip(1)
                .Select(static sentence => sentence.Split(' ')[0]).Where(key => question.Contains(key, StringComparison.Ordinal));
            Assert.Distinct(told, StringComparer.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Made))]
    public void Create_Evidence_HoldsTheAnswers(string name)
    {
        ScriptedModel model = new();
        RetrievalItem item = Items.Retrieval(name).Create(Items.Request(model, index: 1));
        IEnumerable<int> tokens = item.Segments.Where(static segment => segment.IsEvidence).SelectMany(static segment => segment.Tokens);
        string evidence = model.Text(tokens);
        IEnumerable<string> answers = item.Probes.SelectMany(static probe => probe.Expected);
        if (evidence.Length == 0)
            Assert.True(name is "ruler.cwe" or "ruler.fwe", "Only words that stand everywhere have no evidence.");
        else
            Assert.All(answers, expected => Assert.Contains(expected, evidence, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("needle.one")]
    [InlineData("needle.decoys")]
    [InlineData("passkey.after")]
    [InlineData("ruler.niah_single_2")]
    [InlineData("ruler.niah_multikey_2")]
    public void Create_Depth_IsWhereTheAnswerStands(string name)
    {
        ScriptedModel model = new();
        for (int index = 0; index < Haystack.Depths.Count; index++)
        {
            RetrievalItem item = Items.Retrieval(name).Create(Items.Request(model, index, length: 1500));
            string text = Items.TextOf(model, item);
            double at = (double)text.IndexOf(item.Probes[0].Expected[0], StringComparison.Ordinal) / text.Length;
            Assert.Equal(item.Depth!.Value, at, 0.1);
        }
    }

    [Theory]
    [InlineData("passkey.before", true, "The pass key")]
    [InlineData("passkey.after", false, "The pass key")]
    [InlineData("needle.before", true, "The best thing to do in San Francisco")]
    [InlineData("needle.paper", false, "The best thing to do in San Francisco")]
    public void PaperTask_Question_StandsBeforeTheEvictionAsInThePaperOrBehindIt(string name, bool before, string prefix)
    {
        ScriptedModel model = new();
        RetrievalItem item = Items.Retrieval(name).Create(Items.Request(model));
        Assert.Equal(before, Items.TextOf(model, item).EndsWith(prefix, StringComparison.Ordinal));
        string asked = before ? " is" : $"{prefix} is";
        Assert.Equal(asked, model.Text(item.Probes[0].Question)[^asked.Length..]);
    }

    [Theory]
    [InlineData("ruler.niah_single_1", 1, 1)]
    [InlineData("ruler.niah_multikey_1", 4, 1)]
    [InlineData("ruler.niah_multivalue", 4, 4)]
    [InlineData("ruler.niah_multiquery", 4, 4)]
    public void Ruler_Needles_AreAsManyAsItSays(string name, int needles, int asked)
    {
        ScriptedModel model = new();
        RetrievalItem item = Items.Retrieval(name).Create(Items.Request(model));
        Assert.Equal(needles, Items.TextOf(model, item).Split("One of the special magic").Length - 1);
        Assert.Equal(asked, item.Probes[0].Expected.Count);
    }

    [Fact]
    public void Ruler_CommonWords_AreTheMostCommon()
    {
        ScriptedModel model = new();
        RetrievalItem item = Items.Retrieval("ruler.cwe").Create(Items.Request(model, length: 1500));
        string[] words = Items.TextOf(model, item).Split(' ').Where(static word => word.Contains('-', StringComparison.Ordinal)).ToArray();
        IEnumerable<string> most = words.CountBy(static word => word, StringComparer.Ordinal).OrderByDescending(static word => word.Value)
            .Take(10).Select(static word => word.Key);
        Assert.Equal(item.Probes[0].Expected.Order(StringComparer.Ordinal), most.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Ruler_FrequentWords_AreTheMostFrequentButForTheDots()
    {
        ScriptedModel model = new();
        RetrievalItem item = Items.Retrieval("ruler.fwe").Create(Items.Request(model, length: 1500));
        string text = Items.TextOf(model, item);
        Assert.Equal(3, item.Probes[0].Expected.Count);
        int[] counts = [.. item.Probes[0].Expected.Prepend("....").Select(word => text.Split($" {word}").Length - 1)];
        Assert.Equal(counts.OrderDescending(), counts);
        Assert.True(counts[3] > 5);
    }

    [Fact]
    public void Conversation_Corrected_WantsTheNewValueAndHasTheOldOneToo()
    {
        ScriptedModel model = new();
        RetrievalItem item = Items.Retrieval("conversation.corrected").Create(Items.Request(model, length: 1500));
        string text = Items.TextOf(model, item);
        Assert.Equal(8, text.Split("I was wrong before.").Length - 1);
        Assert.Equal(8, item.Probes.Count);
    }

    [Theory]
    [InlineData("conversation.corrected", "Thank you, I will remember that.")]
    [InlineData("agent", "Nothing of use. Signed,")]
    public void Conversation_Replies_AreSaid(string name, string reply)
    {
        ScriptedModel model = new();
        RetrievalItem item = Items.Retrieval(name).Create(Items.Request(model, length: 1500));
        Assert.Contains(reply, Items.TextOf(model, item), StringComparison.Ordinal);
    }

    [Fact]
    public void Conversation_Ages_FallFromTheFirstFactToTheLast()
    {
        ScriptedModel model = new();
        RetrievalItem item = Items.Retrieval("conversation.stated").Create(Items.Request(model, length: 1500));
        int[] ages = [.. item.Probes.Select(static probe => probe.Age!.Value)];
        Assert.Equal(ages.OrderDescending(), ages);
        Assert.True(ages[^1] > item.Length / 3);
    }

    [Fact]
    public void Named_FamilyOrVariant_IsFoundInAnyCase()
    {
        Assert.Equal(6, EvaluationTask.Named("Needle").Count);
        Assert.Equal("ruler.vt", Assert.Single(EvaluationTask.Named("RULER.vt")).Name);
    }

    [Fact]
    public void Named_Unknown_ListsWhatThereIs()
    {
        string message = Assert.Throws<ArgumentException>(static () => EvaluationTask.Named("haystack")).Message;
        Assert.Contains("'haystack'", message, StringComparison.Ordinal);
        Assert.All(EvaluationTask.All, task => Assert.Contains(task.Name, message, StringComparison.Ordinal));
    }

    private static string Describe(ScriptedModel model, RetrievalItem item) => Items.TextOf(model, item)
        + string.Join('|', item.Probes.Select(probe => model.Text(probe.Question) + string.Join(',', probe.Expected)));
}
