using System.Text.RegularExpressions;
using KvNorm.Evaluation.Results;
using KvNorm.Evaluation.Tasks;
using KvNorm.Evaluation.Tests.Models;

namespace KvNorm.Evaluation.Tests.Tasks;

public sealed class RetrievalTaskTests
{
    private static readonly double[] Shares = [0.5, 0.25, 0.125];

    [Fact]
    public void Run_Arms_AnswerFromWhatTheyKept()
    {
        ScriptedModel model = new(FirstNumber);
        ArmShare[] arms = [Items.Arm("full", 1), Items.Arm("salience", 0.25), Items.Arm("recency", 0.25), Items.Arm("drop-oldest", 0.25)];
        Prediction[] predictions = Run(model, "needle.one", arms);
        Assert.Equal(arms.Select(static arm => arm.Arm.Name), predictions.Select(static one => one.Arm), StringComparer.Ordinal);
        Assert.Equal([1, 1, 0, 0], predictions.Select(static prediction => prediction.Score));
        Assert.Equal([0, 1, 1, 0], predictions.Select(static prediction => prediction.Evictions));
        Assert.True(predictions[1].LogProbability > predictions[2].LogProbability);
        Assert.Equal(1, predictions[0].EvidenceHeld);
        Assert.Equal(0, predictions[2].EvidenceHeld);
        Assert.Equal(0, predictions[3].EvidenceHeld);
        Assert.InRange(predictions[1].EvidenceHeld!.Value, 0.05, 0.95);
    }

    [Fact]
    public void Run_ManyArms_ShareOnePrefill()
    {
        ScriptedModel model = new(FirstNumber);
        ArmShare[] arms = [.. Shares.SelectMany(static share => new[] { Items.Arm("salience", share), Items.Arm("cur", share) })];
        Prediction[] predictions = Run(model, "needle.one", arms);
        Assert.Equal(6, predictions.Length);
        Assert.Equal(1, model.Caches);
        Assert.InRange(model.Decoded, 1, 1000); // the text once, and a question for each arm
    }

    [Theory]
    [InlineData("salience", "salience", "cur")]
    [InlineData("snapkv", "salience", "snapkv")]
    [InlineData("h2o", "snapkv", "h2o")]
    public void Run_ArmsThatLookAtAttention_ShareAPrefillInWhichItIsRead(string expected, string first, string second)
    {
        ScriptedModel model = new(FirstNumber);
        Run(model, "needle.one", [Items.Arm(first, 0.5), Items.Arm(second, 0.5)]);
        Assert.Equal([expected], model.Policies, StringComparer.Ordinal);
    }

    [Fact]
    public void Run_Prediction_SaysWhatWasHeldAndSaid()
    {
        ScriptedModel model = new(static _ => "no idea at all");
        Prediction prediction = Run(model, "needle.one", [Items.Arm("recency", 0.5)]).Single();
        Assert.Equal(("needle.one", 600, 0, 0.5), (prediction.Task, prediction.Size, prediction.Item, prediction.Share));
        Assert.Equal(("no idea at all", 4, false), (prediction.Answer, prediction.AnswerTokens, prediction.HitLimit));
        Assert.Equal(prediction.Cells * model.BytesPerCell, prediction.Bytes);
        Assert.InRange(prediction.Cells, prediction.Length / 2, (prediction.Length / 2) + 60);
        Assert.Equal(0.1, prediction.Depth);
    }

    [Fact]
    public void Run_AnswerThatGoesOn_HitsTheLimit()
    {
        ScriptedModel model = new(static _ => string.Concat(Enumerable.Repeat(" and on", 200)));
        Assert.True(Run(model, "needle.one", [Items.Arm("full", 1)]).Single().HitLimit);
    }

    [Fact]
    public void Run_Conversation_StreamsThroughTheBudget()
    {
        ScriptedModel model = new(static held => held.Contains("My dog", StringComparison.Ordinal) ? "known" : "unknown");
        Prediction[] predictions = Run(model, "conversation.stated", [Items.Arm("full", 1), Items.Arm("recency", 1.0 / 6)], length: 1500);
        Assert.Equal(16, predictions.Length);
        Assert.All(predictions[..8], static prediction => Assert.Equal((0, "known"), (prediction.Evictions, prediction.Answer)));
        Assert.All(predictions[8..], static prediction => Assert.True(prediction.Evictions > 5 && prediction.Answer == "unknown"));
        Assert.All(predictions[8..], static prediction => Assert.True(prediction.Cells <= prediction.Length / 6));
        Assert.Equal(8, predictions[8..].Select(static prediction => prediction.Probe).Distinct(StringComparer.Ordinal).Count());
    }

    // "From now on, sign every answer with the code word ...", and an answer to it.
    [Theory]
    [InlineData("recency", true)]
    [InlineData("context-shift", false)]
    [InlineData("recency-once", false)] // of every message the same share
    public void Run_Agent_PoliciesKeepTheRuleOfTheFirstMessage(string arm, bool keeps)
    {
        List<string> held = [];
        ScriptedModel model = new(text =>
        {
            held.Add(text);
            return "";
        });
        Prediction[] predictions = Run(model, "agent", [Items.Arm(arm, 1.0 / 3)], length: 1500);
        Assert.Single(predictions, static one => one.Group == "rule kept");
        Assert.Equal(6, predictions.Count(static one => one.Group == "value copied"));
        Assert.All(held, text => Assert.Equal(keeps, text.Contains("From now on, sign every answer", StringComparison.Ordinal)));
    }

    [Fact]
    public void Run_Once_KeepsTheSameShareOfEveryMessage()
    {
        List<string> held = [];
        ScriptedModel model = new(text =>
        {
            held.Add(text);
            return "";
        });
        Prediction prediction = Run(model, "conversation.stated", [Items.Arm("recency-once", 0.25)], length: 1500)[0];
        Assert.True(prediction.Evictions > 20); // one for each message
        Assert.InRange(prediction.Cells, prediction.Length * 0.2, prediction.Length * 0.3);
        Assert.Contains(" that.\n\n", held[0], StringComparison.Ordinal); // the ends of the oldest messages are there
    }

    [Fact]
    public void Run_OnceOfShortMessages_AnEvictionHasAChoice()
    {
        Prediction prediction = Run(
            new ScriptedModel(static _ => ""), "conversation.stated", [Items.Arm("salience-once", 1.0 / 100)], length: 1500)[0];
        Assert.True(prediction.Evictions > 20);
    }

    [Fact]
    public void Run_Recall_BringsBackWhatTheQuestionAsksFor()
    {
        ScriptedModel model = new(static held => string.Concat(Numbers(held)));
        ArmShare[] arms = [Items.Arm("recency", 1.0 / 6), Items.Arm("recency-recall", 1.0 / 6), Items.Arm("passage", 1)];
        Prediction[][] byArm = [.. Run(model, "conversation.numbers", arms, length: 1500).Chunk(5)];
        Assert.Equal([0, 1, 1], byArm.Select(static arm => arm[0].Score)); // the oldest of five
        Assert.Equal([null, 3, null], byArm.Select(static arm => arm[0].RecalledTokens));
        Assert.Equal([null, 3, null], byArm.Select(static arm => arm[0].RecallMilliseconds));
        Assert.Equal(10, model.Messages.Count); // of the arm that recalls: five messages, and five questions behind them
        Assert.All(byArm[2], static prediction => Assert.Single(Numbers(prediction.Answer!)));
        Assert.All(byArm[2], static prediction => Assert.Equal((0, 1.0), (prediction.Evictions, prediction.Share)));
        Assert.All(byArm[2], static prediction => Assert.Equal(1, prediction.EvidenceHeld)); // of what was asked for
    }

    [Fact]
    public void Run_SmallTalk_IsRightWhenNothingComesBack()
    {
        ScriptedModel model = new();
        Prediction[] predictions = Run(model, "conversation.smalltalk", [Items.Arm("recency-recall", 1.0 / 6)], length: 1500);
        Assert.Equal(20, predictions.Length);
        Assert.All(predictions, static prediction => Assert.Equal(prediction.RecalledTokens > 0 ? 0 : 1, prediction.Score));
        Assert.All(predictions, static prediction => Assert.Null(prediction.LogProbability));
        Assert.Contains(predictions, static prediction => prediction.Score == 1);
    }

    [Fact]
    public void Run_PoliciesAndDroppedTurns_KeepTheSystemPromptAndAContextShiftDoesNot()
    {
        List<string> held = [];
        ScriptedModel model = new(text =>
        {
            held.Add(text);
            return "";
        });
        Run(model, "needle.one", [Items.Arm("recency", 0.25), Items.Arm("drop-oldest", 0.25), Items.Arm("context-shift", 0.25)]);
        Assert.Equal([true, true, false], held.Select(static text => text.Contains("You are a helpful AI", StringComparison.Ordinal)));
        Assert.StartsWith("System", held[1], StringComparison.Ordinal);
        Assert.Contains("I will quiz you", held[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("context-shift")]
    [InlineData("drop-oldest")]
    [InlineData("recency")]
    public void Run_ModelWithATokenBeforeEveryText_KeepsIt(string arm)
    {
        List<string> held = [];
        ScriptedModel model = new(
            text =>
            {
                held.Add(text);
                return "";
            },
            specials: ["<bos>", "<start_of_turn>", "<end_of_turn>"]);
        Run(model, "needle.one", [Items.Arm(arm, 0.25)]);
        Assert.StartsWith("<bos>", Assert.Single(held), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_LongerThanTheModelWasTrainedFor_StreamsAndHasNoFullCache()
    {
        ScriptedModel model = new(FirstNumber, trainedLength: 300);
        ArmShare[] arms = [Items.Arm("full", 1), Items.Arm("recency", 0.6), Items.Arm("recency", 0.25)];
        Prediction prediction = Run(model, "needle.one", arms).Single(); // 0.6 would be more than 300 rows
        Assert.Equal(("recency", 0.25), (prediction.Arm, prediction.Share));
        Assert.True(prediction.Evictions > 1);
    }

    [Fact]
    public void Run_FewerRowsThanAlwaysStay_SaysHowManyTheyAre()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(
            () => Run(new ScriptedModel(), "needle.one", [Items.Arm("salience", 0.01)]));
        Assert.Contains("A share of 0.01 of 506 tokens is 5 rows", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_NothingEvicted_IsNoComparison()
    {
        ScriptedModel model = new();
        RetrievalTask task = Items.Retrieval("conversation.stated");
        ItemRequest request = Items.Request(model);
        Assert.Throws<InvalidOperationException>(() => task.Run(request, [Items.Arm("recency", 1)], CancellationToken.None).ToList());
    }

    private static IEnumerable<string> Numbers(string held) =>
        Regex.Matches(held, @" \d{5}", RegexOptions.None, TimeSpan.FromSeconds(1)).Select(static match => match.Value);

    private static string FirstNumber(string held) => Regex.Match(held, @"\d{7}", RegexOptions.None, TimeSpan.FromSeconds(1)).Value;

    private static Prediction[] Run(ScriptedModel model, string task, ArmShare[] arms, int length = 600) =>
        [.. Items.Retrieval(task).Run(Items.Request(model, length: length), arms, CancellationToken.None).SelectMany(static arm => arm)];
}
