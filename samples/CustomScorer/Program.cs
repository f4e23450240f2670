using CustomScorer;
using KvNorm;

// A policy of a scorer of one's own, beside a built-in one: the same text, half of it evicted, and what each kept.

EvictionPolicy own = EvictionPolicy.Custom("value-norm", static _ => new ValueNormScorer(halfLife: 200), TokenSpans.Sentence);
const string text = """
    The harbour was quiet that morning. A gull walked along the wall. The password of the lighthouse is heliotrope.
    Two boats lay at the pier and nobody was aboard. Later it rained for an hour. The baker closed his shop early.
    """;

using KvCacheSession session = KvCacheSession.Create(new KvNormChatOptions { KvCacheBudget = KvCacheBudget.FromCells(256), Policy = own });
session.Prefill(text);
foreach (EvictionPolicy policy in new[] { own, EvictionPolicy.Salience })
{
    using KvCacheSession fork = session.Fork(policy: policy);
    fork.Evict(session.Tokens.Count / 2);
    Console.WriteLine($"\n{policy.Name}: {fork.Statistics.Cells} of {fork.Statistics.LogicalTokens} cells left; what most heads hold:");
    foreach (TokenRetention token in fork.GetRetention())
        Console.Write(token.Held > 0.5 ? token.Text : new string('.', token.Text.Length));
}

Console.WriteLine();
