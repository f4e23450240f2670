using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.State;
using KvNorm.Runtime;
using KvNorm.Tests.Chat;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.KvCache.Eviction;
using KvNorm.Tests.KvCache.Slots;
using KvNorm.Tests.KvCache.State;
using Microsoft.Extensions.Logging.Abstractions;
using static KvNorm.Tests.KvCache.Slots.SlotRecallTests;

namespace KvNorm.Tests;

public sealed class KvCacheSessionTests
{
    private const string Text = "The capital of France is";

    // Loaded and probed once.
    private static readonly Lazy<KvCacheSessionModel> Embedded = new(static () => KvCacheSessionModel.Of(
        EmbeddedModel.Model, ModelProbe.Run(EmbeddedModel.Model, 1), new KvNormChatOptions { Threads = 1 }, NullLogger.Instance));

    [Fact]
    public void Generate_EmbeddedModel_GoesOnWithTheText()
    {
        using KvCacheSession session = KvCacheSession.Create(TestClient.Options(128));
        session.Prefill(Text);
        int before = session.Tokens.Count;
        Assert.Contains("Paris", session.Generate(8), StringComparison.Ordinal);
        Assert.Equal(before + 8, session.Tokens.Count);
    }

    [Fact]
    public void Generate_StopText_EndsBeforeIt()
    {
        using KvCacheSession session = Create();
        session.Prefill(Text);
        Assert.DoesNotContain("Paris", session.Fork().Generate(8, ["Paris"]), StringComparison.Ordinal);
        Assert.Equal("", session.Generate(0, ["Paris"]));
    }

    [Fact]
    public void IsAtEnd_Answer_IsWhereGenerateEnds()
    {
        using KvCacheSession session = KvCacheSession.Create(TestClient.Options(128));
        Assert.Throws<InvalidOperationException>(() => session.IsAtEnd);
        int end = session.FindSpecialToken("<|im_end|>")!.Value;
        int[] prompt =
        [
            session.FindSpecialToken("<|im_start|>")!.Value, .. session.Tokenize("user\nSay yes."), end, .. session.Tokenize("\n"),
            session.FindSpecialToken("<|im_start|>")!.Value, .. session.Tokenize("assistant\n"),
        ];
        session.Prefill(prompt);
        Assert.False(session.IsAtEnd);
        session.Generate(80);
        Assert.InRange(session.Tokens.Count, prompt.Length + 1, prompt.Length + 79);
        Assert.True(session.IsAtEnd);
    }

    [Fact]
    public void GetLogLikelihood_Continuations_TheTrueOneIsTheMoreLikely()
    {
        using KvCacheSession session = Create();
        session.Prefill(Text);
        LogLikelihood right = session.GetLogLikelihood([.. session.Tokenize(" Paris, the city of light")]);
        LogLikelihood wrong = session.GetLogLikelihood([.. session.Tokenize(" seven green bananas")]);
        Assert.True(right.Total > wrong.Total);
        Assert.All(right.PerToken, static token => Assert.InRange(token, double.NegativeInfinity, 0));
        Assert.False(wrong.IsGreedy);
    }

    [Fact]
    public void GetLogLikelihood_WhatWouldBeGenerated_IsGreedy()
    {
        using KvCacheSession session = Create();
        session.Prefill(Text);
        using KvCacheSession fork = session.Fork();
        fork.Generate(6);
        int[] generated = [.. fork.Tokens.Skip(session.Tokens.Count)];
        Assert.True(session.GetLogLikelihood(generated).IsGreedy);
        generated[^1]++;
        Assert.False(session.GetLogLikelihood(generated).IsGreedy);
    }

    [Fact]
    public void GetLogLikelihood_EvictionsOnTheWay_LeavesTheSessionAsItWas()
    {
        using KvCacheSession session = Create(64);
        session.Prefill(Prose(session, 60));
        (float[] logits, IReadOnlyList<int> tokens, IReadOnlyList<TokenRetention> held) = (
            session.NextLogits.ToArray(), session.Tokens, session.GetRetention());
        session.GetLogLikelihood(Prose(session, 30));
        Assert.Equal(1, session.Statistics.Evictions);
        Assert.Equal(logits, session.NextLogits.ToArray());
        Assert.Equal(tokens, session.Tokens);
        Assert.Equal(held, session.GetRetention());
        Assert.Equal(60, session.Statistics.Cells);
    }

    [Theory]
    [InlineData(EvictionMechanism.RewriteRows)]
    [InlineData(EvictionMechanism.RemoveCells)]
    public void Fork_AfterARecall_HoldsWhatCameBackAsTheSessionDoes(EvictionMechanism mechanism)
    {
        using LlamaModel model = TinyModel.Load();
        using KvCacheSession session = Archiving(model, mechanism);
        session.Prefill([.. Noise(1, 20), .. Fact, .. Noise(3, 330)]);
        Assert.Equal(Fact.Length, session.Recall(Fact));
        session.Prefill(Fact);
        using KvCacheSession fork = session.Fork();
        int evictions = session.Statistics.Evictions;
        session.GetLogLikelihood(Noise(4, 200));
        Assert.True(session.Statistics.Evictions > evictions);
        foreach (KvCacheSession each in new[] { session, fork })
        {
            AssertFactHeld(each);
            each.Prefill(Noise(5, 200)); // with evictions
            AssertFactHeld(each);
        }
    }

    [Theory]
    [InlineData(EvictionMechanism.RewriteRows)]
    [InlineData(EvictionMechanism.RemoveCells)]
    public void Recall_TheSameAgain_StaysHeld(EvictionMechanism mechanism)
    {
        using LlamaModel model = TinyModel.Load();
        using KvCacheSession session = Archiving(model, mechanism);
        session.Prefill([.. Noise(1, 20), .. Fact, .. Noise(3, 330)]);
        Assert.Equal(Fact.Length, session.Recall(Fact));
        session.Recall(Fact);
        session.Prefill(Fact);
        session.Prefill(Noise(5, 200)); // with evictions
        AssertFactHeld(session);
    }

    [Fact]
    public void Evict_ScorerThrows_NothingIsLeftToGoOnWith()
    {
        bool fails = false;
        using KvCacheSession session = Create(
            128, EvictionPolicy.Custom("failing", _ => new FixedScorer(row => fails ? throw new InvalidOperationException("no") : row)));
        session.Prefill(Prose(session, 100));
        fails = true;
        Assert.Throws<InvalidOperationException>(() => session.Evict(60));
        Assert.Empty(session.Tokens);
        Assert.Throws<InvalidOperationException>(() => session.NextLogits.Length);
        session.Prefill(Prose(session, 10));
        Assert.False(session.NextLogits.IsEmpty);
    }

    [Fact]
    public void PinPrefix_MoreThanAnyCacheHas_IsRefused()
    {
        using KvCacheSession session = Create();
        Assert.Throws<KvCacheBudgetException>(() => session.PinPrefix(int.MaxValue));
    }

    [Fact]
    public void Evict_Rows_LeavesSoMany()
    {
        using KvCacheSession session = Create();
        session.PinPrefix(10);
        session.Prefill(Prose(session, 120));
        float[] logits = session.NextLogits.ToArray();
        session.Evict(90); // above the low mark of 64
        session.Evict(40);
        Assert.Equal((40, 120, 2), (session.Statistics.Cells, session.Statistics.LogicalTokens, session.Statistics.Evictions));
        Assert.All(session.GetRetention().Take(10), static token => Assert.Equal(1, token.Held));
        Assert.Equal(logits, session.NextLogits.ToArray());
        session.Prefill(Text);
        Assert.True(float.IsFinite(session.NextLogits[0]));
    }

    // An eviction keeps 64 of the 128 cells.
    [Theory]
    [InlineData(8, 1)]
    [InlineData(9, 0)]
    [InlineData(int.MaxValue, 0)]
    public void PinPrefix_FirstMessage_StaysWhereItIsShort(int firstMessage, float held)
    {
        using KvCacheSession session = Create(policy: EvictionPolicy.Named("recency"));
        session.PinPrefix(10, firstMessage);
        session.Prefill(Prose(session, 120));
        session.GetLogLikelihood([1, 2, 3]); // afterwards all is as before
        using KvCacheSession fork = session.Fork();
        Assert.All([session, fork], each =>
        {
            each.Evict(40);
            Assert.All(each.GetRetention().Take(10), static token => Assert.Equal(1, token.Held));
            Assert.All(each.GetRetention().Skip(10).Take(8), token => Assert.Equal(held, token.Held));
        });
    }

    [Theory]
    [InlineData(120)]
    [InlineData(200)]
    [InlineData(11)]
    [InlineData(0)]
    [InlineData(-1)]
    public void Evict_SoManyCannotBeKept_ThrowsAndChangesNothing(int keep)
    {
        using KvCacheSession session = Create();
        session.PinPrefix(10);
        session.Prefill(Prose(session, 120));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Evict(keep));
        Assert.Equal((120, 0), (session.Statistics.Cells, session.Statistics.Evictions));
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gemma3")] // its recent window covers the sliding one
    public void Evict_AsManyAsCanBe_LeavesThoseAndNoFewer(string architecture)
    {
        using LlamaModel model = TinyModel.Load(TinyModelSettings.Of(architecture));
        using KvCacheSession session = KvCacheSession.Over(
            KvCacheSessionModel.Of(model, ModelProbe.Run(model, 1), new KvNormChatOptions { Threads = 1 }, NullLogger.Instance),
            KvCacheBudget.FromCells(256),
            EvictionPolicy.Salience);
        session.PinPrefix(10);
        session.Prefill(Noise(1, 250));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Evict(session.MinimumKeep - 1));
        session.Evict(session.MinimumKeep);
        Assert.Equal((session.MinimumKeep, 1), (session.Statistics.Cells, session.Statistics.Evictions));
    }

    // What the question asks for is held: it stays, and so do some rows beside it.
    [Theory]
    [InlineData(EvictionMechanism.RewriteRows)]
    [InlineData(EvictionMechanism.RemoveCells)]
    public void MinimumKeep_AfterARecall_LeavesRoomBesideWhatIsAskedFor(EvictionMechanism mechanism)
    {
        using LlamaModel model = TinyModel.Load();
        using KvCacheSession session = Archiving(model, mechanism);
        TokenRange asked = PrefillAndAsk(session);
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Evict(asked.Length));
        session.Evict(session.MinimumKeep);
        IReadOnlyList<TokenRetention> retention = session.GetRetention();
        Assert.All(retention.Skip(asked.Start).Take(asked.Length), static token => Assert.Equal(1, token.Held));
        Assert.Equal(1, retention[^1].Held);
    }

    [Theory]
    [InlineData(EvictionMechanism.RewriteRows)]
    [InlineData(EvictionMechanism.RemoveCells)]
    public void PinPrefix_AfterARecall_EvictionsKeepBoth(EvictionMechanism mechanism)
    {
        using LlamaModel model = TinyModel.Load();
        using KvCacheSession session = Archiving(model, mechanism);
        TokenRange asked = PrefillAndAsk(session);
        Assert.Throws<KvCacheBudgetException>(() => session.PinPrefix(145)); // alone they would leave room
        session.PinPrefix(95);
        session.Prefill(Noise(5, 80));
        Assert.Equal(2, session.Statistics.Evictions);
        IReadOnlyList<TokenRetention> retention = session.GetRetention();
        Assert.All(retention.Take(4), static token => Assert.Equal(1, token.Held));
        Assert.All(retention.Skip(5).Take(90), static token => Assert.Equal(1, token.Held));
        Assert.All(retention.Skip(asked.Start).Take(asked.Length), static token => Assert.Equal(1, token.Held));
    }

    [Fact]
    public void Fork_OtherPolicies_StartFromTheSamePrefill()
    {
        using KvCacheSession session = Create(512, EvictionPolicy.Named("h2o")); // some look at attention
        session.Prefill(Prose(session, 300)); // more than two of the lags that LagKV compares
        HashSet<string> kept = [];
        foreach (string name in EvictionPolicy.Names)
        {
            using KvCacheSession fork = session.Fork(policy: EvictionPolicy.Named(name) with { Granularity = EvictionGranularity.All });
            Assert.Equal(session.Tokens, fork.Tokens);
            Assert.Equal(session.NextLogits.ToArray(), fork.NextLogits.ToArray());
            fork.Evict(250);
            kept.Add(string.Join(' ', fork.GetRetention().Select(static token => token.Held)));
        }

        Assert.Equal(EvictionPolicy.Names.Count, kept.Count);
        Assert.Equal(300, session.Statistics.Cells);
    }

    [Fact]
    public void GetScores_APolicy_AreOfTheRowsHeldAndChangeNothing()
    {
        using KvCacheSession session = Create(), untouched = Create();
        session.Prefill(Prose(session, 150));
        untouched.Prefill(Prose(session, 150));
        IReadOnlyList<float[]> scores = session.GetScores(EvictionPolicy.Named("recency"));
        Assert.Equal(session.GetScores(EvictionPolicy.Salience).Count, scores.Count);
        Assert.All(scores, head => Assert.Equal(Enumerable.Range(0, session.Statistics.Cells).Select(static row => (float)row), head));
        session.Evict(60);
        untouched.Evict(60);
        Assert.Equal(untouched.GetRetention(), session.GetRetention());
    }

    // As the evictions to come count them.
    [Fact]
    public void GetScores_AMessageBegan_RareWordsCountFromThere()
    {
        KvNormChatOptions options = new() { Threads = 1, ArchiveBytes = 1 << 20 };
        EvictionPolicy equal = EvictionPolicy.Custom("equal", static _ => new FixedScorer(static _ => 7)) with
        {
            RarityWeight = 1,
            Spans = TokenSpans.None,
        };
        using KvCacheSession session = KvCacheSession.Over(
            KvCacheSessionModel.Of(EmbeddedModel.Model, Embedded.Value.Probe, options, NullLogger.Instance),
            KvCacheBudget.FromCells(128),
            equal);
        session.Prefill(Prose(session, 50));
        Assert.All(session.GetScores(equal), static head => Assert.Contains(head, static score => score > 7));
        session.BeginMessage();
        session.Prefill(Prose(session, 20));
        Assert.All(session.GetScores(equal), static head => Assert.All(head[..50], static score => Assert.Equal(7, score)));
        Assert.All(session.GetScores(equal), static head => Assert.Contains(head[50..], static score => score > 7));
    }

    [Fact]
    public void GetScores_Attention_EachTokenSinceTheLastEvictionPaysOne()
    {
        using KvCacheSession session = Create(128, EvictionPolicy.Named("h2o"));
        session.Prefill(Prose(session, 100));
        Assert.All(session.GetScores(EvictionPolicy.Named("h2o")), static head => Assert.Equal(100, head.Sum(), 1e-2f));
        session.Evict(60);
        session.Prefill(Prose(session, 7));
        using KvCacheSession fork = session.Fork(policy: EvictionPolicy.Named("snapkv"));
        EvictionPolicy seen = EvictionPolicy.Custom("seen", static _ => new Seeing());
        Assert.All(session.GetScores(seen), static head => Assert.Equal(7, head.Sum(), 1e-2f));
        Assert.Equal(session.GetScores(seen), fork.GetScores(seen));
    }

    [Theory]
    [InlineData("salience", "snapkv")]
    [InlineData("snapkv", "h2o")]
    public void Fork_LooksAtAttentionThatWasNotRead_SaysWhatToDo(string own, string other)
    {
        using KvCacheSession session = Create(128, EvictionPolicy.Named(own));
        session.Prefill(Prose(session, 50));
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => session.Fork(policy: EvictionPolicy.Named(other)));
        Assert.Contains($"'{other}'", e.Message, StringComparison.Ordinal);
        Assert.Contains($"'{own}'", e.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => session.GetScores(EvictionPolicy.Named(other)));
        session.Clear();
        using KvCacheSession empty = session.Fork(policy: EvictionPolicy.Named(other));
    }

    [Fact]
    public void Fork_AfterAnEviction_GoesOnInTheSameWay()
    {
        using KvCacheSession session = Create();
        session.Prefill(Prose(session, 200));
        using KvCacheSession fork = session.Fork(KvCacheBudget.FromCells(128));
        session.Prefill(Text);
        fork.Prefill(Text);
        Assert.Equal(session.GetRetention(), fork.GetRetention());
        Assert.Equal(session.NextLogits.ToArray(), fork.NextLogits.ToArray());
    }

    [Fact]
    public void CopyFrom_AfterOtherText_HoldsWhatAForkDoes()
    {
        using KvCacheSession session = Create(128, EvictionPolicy.Named("h2o"));
        session.Prefill(Prose(session, 100));
        session.PinPrefix(7);
        using KvCacheSession fork = session.Fork(), copy = session.Fork();
        copy.Evict(60);
        copy.Prefill(Text);
        copy.CopyFrom(session);
        Assert.Equal(session.Tokens, copy.Tokens);
        Assert.Equal(session.NextLogits.ToArray(), copy.NextLogits.ToArray());
        fork.Evict(50); // by the attention that was copied, too
        copy.Evict(50);
        Assert.Equal(fork.GetRetention(), copy.GetRetention());
        Assert.Equal(100, session.Statistics.Cells);

        session.Clear();
        copy.CopyFrom(session);
        Assert.Empty(copy.Tokens);
        Assert.Throws<InvalidOperationException>(() => copy.NextLogits.Length);
    }

    [Fact]
    public void CopyFrom_DoesNotFit_ChangesNothing()
    {
        using KvCacheSession session = Create(), small = session.Fork(KvCacheBudget.FromCells(64));
        session.Prefill(Prose(session, 100));
        small.Prefill(Text);
        IReadOnlyList<int> before = small.Tokens;
        Assert.Throws<KvCacheBudgetException>(() => small.CopyFrom(session));
        Assert.Equal(before, small.Tokens);
        session.Clear();
        session.PinPrefix(50);
        Assert.Throws<KvCacheBudgetException>(() => small.CopyFrom(session));
        Assert.Equal(before, small.Tokens);
    }

    [Fact]
    public void CopyFrom_AnotherModel_Throws()
    {
        using LlamaModel model = TinyModel.Load();
        using KvCacheSession session = Create();
        using KvCacheSession other = KvCacheSession.Over(
            KvCacheSessionModel.Of(model, ModelProbe.Run(model, 1), new KvNormChatOptions { Threads = 1 }, NullLogger.Instance),
            KvCacheBudget.FromCells(256),
            EvictionPolicy.Salience);
        Assert.Throws<ArgumentException>(() => session.CopyFrom(other));
    }

    [Theory]
    [InlineData(256)]
    [InlineData(768)]
    public void Fork_LongRope_ThrowsWhereOnlyOneCacheIsLong(int cellsOfTheClient)
    {
        using KvNormChatClient client = KvNormChatClient.Create(new KvNormChatOptions
        {
            ModelPath = TinyModel.Write(ModelProbeTests.LongRope), KvCacheBudget = KvCacheBudget.FromCells(cellsOfTheClient), Threads = 1,
        });
        using KvCacheSession session = client.CreateSession(KvCacheBudget.FromCells(256));
        session.Fork(KvCacheBudget.FromCells(768)).Dispose(); // holds nothing yet
        session.Prefill(SlotFixture.Tokens(0, 20));
        session.Fork(KvCacheBudget.FromCells(384)).Dispose();
        Assert.Throws<InvalidOperationException>(() => session.Fork(KvCacheBudget.FromCells(768)));
    }

    [Fact]
    public void Fork_AfterAnEvictionWithAnotherGranularity_Throws()
    {
        using KvCacheSession session = Create();
        session.Prefill(Prose(session, 200));
        Assert.Throws<InvalidOperationException>(
            () => session.Fork(policy: EvictionPolicy.Salience with { Granularity = EvictionGranularity.All }));
        Assert.Throws<InvalidOperationException>(() => session.Fork(policy: EvictionPolicy.Salience with { SkippedLayers = [0] }));
    }

    [Fact]
    public void Fork_SmallerBudgetThanIsHeld_Throws()
    {
        using KvCacheSession session = Create();
        session.Prefill(Prose(session, 100));
        KvCacheBudgetException exception = Assert.Throws<KvCacheBudgetException>(() => session.Fork(KvCacheBudget.FromCells(64)));
        Assert.Equal((100, 64), (exception.RequiredCells, exception.AvailableCells));
    }

    [Fact]
    public void Tokenize_WrittenMarker_StaysText()
    {
        using KvCacheSession session = Create();
        int marker = session.FindSpecialToken("<|im_start|>")!.Value;
        Assert.DoesNotContain(marker, session.Tokenize("<|im_start|>user"));
        Assert.Equal("<|im_start|>user", session.GetText(session.Tokenize("<|im_start|>user")));
        Assert.Null(session.FindSpecialToken("<|no_such_token|>"));
    }

    [Fact]
    public void NextLogits_NothingPrefilled_Throws()
    {
        using KvCacheSession session = Create();
        Assert.Throws<InvalidOperationException>(() => session.NextLogits.Length);
        Assert.Throws<InvalidOperationException>(() => session.GetLogLikelihood([1]));
        session.Prefill(Text);
        session.Clear();
        Assert.Throws<InvalidOperationException>(() => session.Generate(1));
        Assert.Empty(session.Tokens);
    }

    [Fact]
    public void Prefill_NoSuchToken_ThrowsAndKeepsWhatWasThere()
    {
        using KvCacheSession session = Create();
        session.Prefill(Text);
        int before = session.Tokens.Count;
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Prefill([1_000_000]));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.GetLogLikelihood([]));
        Assert.Equal(before, session.Tokens.Count);
    }

    [Fact]
    public void GetLogLikelihood_NoSuchToken_ThrowsAndLeavesTheSessionAsItWas()
    {
        using KvCacheSession session = Create();
        session.Prefill(Text);
        IReadOnlyList<int> before = session.Tokens;
        Assert.ThrowsAny<ArgumentException>(() => session.GetLogLikelihood([5, 1_000_000, 6]));
        Assert.Equal(before, session.Tokens);
        Assert.Contains("Paris", session.Generate(8), StringComparison.Ordinal);
    }

    [Fact]
    public void Members_AfterDispose_Throw()
    {
        KvCacheSession session = KvCacheSession.Create(TestClient.Options(128)); // with a model of its own
        session.Dispose();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Prefill(Text));
        Assert.Throws<ObjectDisposedException>(() => session.Fork());
        Assert.Throws<ObjectDisposedException>(() => session.GetRetention());
    }

    [Fact]
    public void CreateSession_OverAClient_SharesTheModelAndNotTheCache()
    {
        using KvNormChatClient client = TestClient.Embedded();
        using KvCacheSession session = client.CreateSession(KvCacheBudget.FromCells(128), EvictionPolicy.Named("keynorm"));
        session.Prefill(Text);
        Assert.Equal((128, 0), (session.Statistics.Capacity, client.Statistics.Cells));
        Assert.NotNull(session.FindSpecialToken("<|im_end|>"));
    }

    [Fact]
    public void Fork_PolicyWithMoreSinks_KeepsThem()
    {
        using KvCacheSession session = Create();
        session.Prefill(Prose(session, 100));
        using KvCacheSession fork = session.Fork(policy: EvictionPolicy.Named("random") with { Sinks = 24, RecentWindow = 0.1 });
        fork.Evict(40);
        Assert.All(fork.GetRetention().Take(24), static token => Assert.Equal(1, token.Held));
    }

    // A session that can bring back what it evicts.
    private static KvCacheSession Archiving(LlamaModel model, EvictionMechanism mechanism)
    {
        ModelProbe probe = SlotMechanismTests.Forced(ModelProbe.Run(model, 1), mechanism);
        KvNormChatOptions options = new() { Threads = 1, ArchiveBytes = 1 << 20 };
        return KvCacheSession.Over(
            KvCacheSessionModel.Of(model, probe, options, NullLogger.Instance),
            KvCacheBudget.FromCells(256),
            EvictionPolicy.Named("recency"));
    }

    // All but one row stays in a first eviction, so all that is asked for is held.
    private static TokenRange PrefillAndAsk(KvCacheSession session)
    {
        int[] fact = Letters("mnopqrs\n"), facts = [.. Enumerable.Repeat(fact, 5).SelectMany(static one => one)];
        session.Prefill([.. Noise(1, 100), .. facts, .. Noise(2, 100)]);
        session.Evict(session.Statistics.Cells - 1);
        Assert.Equal(0, session.Recall(fact));
        return new TokenRange(100, 100 + facts.Length);
    }

    private static void AssertFactHeld(KvCacheSession session) => Assert.All(
        session.GetRetention().Skip(20).Take(Fact.Length), static token => Assert.Equal((1f, true), (token.Held, token.IsRecalled)));

    private static KvCacheSession Create(int cells = 128, EvictionPolicy? policy = null) =>
        KvCacheSession.Over(Embedded.Value, KvCacheBudget.FromCells(cells), policy ?? EvictionPolicy.Salience);

    private sealed class Seeing : KeyScorer
    {
        public override bool NeedsKeys => false;

        public override int AttentionWindow => 32;

        public override void Score(in HeadRows rows, Span<float> scores) => rows.Attention.CopyTo(scores);
    }

    private static int[] Prose(KvCacheSession session, int tokens)
    {
        string text = string.Join(' ', Enumerable.Range(0, tokens).Select(static number => $"Word {number} stands here."));
        return [.. session.Tokenize(text).Take(tokens)];
    }
}
