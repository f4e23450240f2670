using FsCheck.Xunit;
using KvNorm.KvCache.Slots;

namespace KvNorm.Tests.KvCache.Slots;

/// <summary>Conversations that callers resend with random changes.</summary>
public sealed class SlotEditTests
{
    // Below 64 tokens a read, since llama.cpp computes larger ones by another kernel.
    [Property(MaxTest = 12)]
    public void Resume_RandomEditsWithoutEviction_GreedyTokensEqualThoseOfAFreshCache(int seed)
    {
        Random random = new(seed);
        KvCacheBudget budget = KvCacheBudget.FromCells(128);
        using SlotFixture fixture = new(budget), fresh = new(budget);
        List<int> prompt = [];
        for (int step = 0; step < 6; step++)
        {
            Edit(random, prompt, 60);
            int reused = fixture.Slot.Resume(prompt.ToArray());
            fresh.Slot.Clear();
            List<int> sampled = fixture.Greedy(prompt.ToArray().AsSpan(reused), 4);
            Assert.Equal(fresh.Greedy(prompt.ToArray(), 4), sampled);
            prompt.AddRange(sampled[..random.Next(4)]);
        }

        Assert.Equal(0, fixture.Slot.Statistics.Evictions);
        fixture.AssertConsistent();
    }

    [Property(MaxTest = 25)]
    public void Resume_RandomEditsWithEvictions_ReadsThePromptAndGoesOn(int seed)
    {
        Random random = new(seed);
        EvictionMechanism mechanism = (EvictionMechanism)random.Next(3);
        EvictionPolicy policy = EvictionPolicy.Named(EvictionPolicy.Names[random.Next(EvictionPolicy.Names.Count)]) with
        {
            Granularity = (EvictionGranularity)random.Next(3),
            Sinks = random.Next(5),
        };
        using SlotFixture fixture = new(
            KvCacheBudget.FromCells(random.Next(64, 160)), policy: policy, change: probe => SlotMechanismTests.Forced(probe, mechanism));
        List<int> prompt = [];
        for (int step = 0; step < 10; step++)
        {
            Edit(random, prompt, 300);
            int open = random.Next(prompt.Count);
            fixture.Slot.Pin(Math.Min(prompt.Count, 8), 0, open, prompt.Count);
            int reused = fixture.Slot.Resume(prompt.ToArray());
            Assert.InRange(reused, 0, prompt.Count - 1);
            Assert.Equal(prompt[..reused], fixture.Slot.Retention().Tokens);
            fixture.AssertConsistent();
            prompt.AddRange(fixture.Greedy(prompt.ToArray().AsSpan(reused), 4));
            Assert.Equal(prompt, fixture.Slot.Retention().Tokens);
            Assert.All(fixture.Logits(), static logit => Assert.True(float.IsFinite(logit)));
            fixture.AssertConsistent();
        }
    }

    private static void Edit(Random random, List<int> prompt, int most)
    {
        int kind = prompt.Count == 0 ? 0 : random.Next(5), at = random.Next(prompt.Count + 1);
        switch (kind)
        {
            case 0 or 1: // another message
                Append(random, prompt, most);
                break;
            case 2: // the last message in other words
                int last = random.Next(1, Math.Min(prompt.Count, most / 4) + 1);
                prompt.RemoveRange(prompt.Count - last, last);
                Append(random, prompt, most);
                break;
            case 3: // reasoning dropped from the middle
                prompt.RemoveRange(at, random.Next(prompt.Count - at + 1));
                Append(random, prompt, most);
                break;
            default:
                prompt[0] = random.Next(20, 300);
                break;
        }
    }

    private static void Append(Random random, List<int> prompt, int most)
    {
        prompt.Add(random.Next(20, 300));
        while (prompt.Count < most && random.Next(most / 4) > 0)
            prompt.Add(random.Next(20, 300));
        if (prompt.Count > most)
            prompt.RemoveRange(most, prompt.Count - most);
    }
}
