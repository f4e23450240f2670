using static KvNorm.Evaluation.Tasks.AnswerMetric;
using static KvNorm.Evaluation.Tasks.RetrievalMode;

namespace KvNorm.Evaluation.Tasks;

/// <summary>All tasks. A change of what a task asks or how it scores is a new version of it.</summary>
internal static class TaskTable
{
    public static IReadOnlyList<EvaluationTask> All { get; } =
    [
        new PerplexityTask(),
        new RetrievalTask("passkey", "before", 2, Exact, Once, PasskeyItems.Before),
        new RetrievalTask("passkey", "after", 2, Exact, Once, PasskeyItems.After),
        new RetrievalTask("needle", "paper", 1, SharedWords, Once, NeedleItems.Paper),
        new RetrievalTask("needle", "before", 1, SharedWords, Once, NeedleItems.Before),
        new RetrievalTask("needle", "one", 2, Exact, Once, NeedleItems.OneKey),
        new RetrievalTask("needle", "four", 2, Exact, Once, NeedleItems.FourKeys),
        new RetrievalTask("needle", "paraphrased", 2, Exact, Once, NeedleItems.Paraphrased),
        new RetrievalTask("needle", "decoys", 2, Exact, Once, NeedleItems.Decoys),
        new RetrievalTask("ruler", "niah_single_1", 1, StringMatchAll, Once, RulerNeedleItems.Single1),
        new RetrievalTask("ruler", "niah_single_2", 1, StringMatchAll, Once, RulerNeedleItems.Single2),
        new RetrievalTask("ruler", "niah_single_3", 2, StringMatchAll, Once, RulerNeedleItems.Single3),
        new RetrievalTask("ruler", "niah_multikey_1", 2, StringMatchAll, Once, RulerNeedleItems.MultiKey1),
        new RetrievalTask("ruler", "niah_multikey_2", 2, StringMatchAll, Once, RulerNeedleItems.MultiKey2),
        new RetrievalTask("ruler", "niah_multikey_3", 2, StringMatchAll, Once, RulerNeedleItems.MultiKey3),
        new RetrievalTask("ruler", "niah_multivalue", 1, StringMatchAll, Once, RulerNeedleItems.MultiValue),
        new RetrievalTask("ruler", "niah_multiquery", 2, StringMatchAll, Once, RulerNeedleItems.MultiQuery),
        new RetrievalTask("ruler", "vt", 1, StringMatchAll, Once, RulerItems.VariableTracking),
        new RetrievalTask("ruler", "cwe", 1, StringMatchAll, Once, RulerItems.CommonWordsExtraction),
        new RetrievalTask("ruler", "fwe", 1, StringMatchAll, Once, RulerItems.FrequentWordsExtraction),
        new RetrievalTask("conversation", "stated", 4, Exact, Streaming, ConversationItems.Stated),
        new RetrievalTask("conversation", "corrected", 4, Exact, Streaming, ConversationItems.Corrected),
        new RetrievalTask("conversation", "tool", 4, Exact, Streaming, ConversationItems.Tool),
        new RetrievalTask("conversation", "numbers", 3, Exact, Streaming, NumbersItems.Numbers),
        new RetrievalTask("conversation", "subject", 3, Exact, Streaming, NumbersItems.Subject),
        new RetrievalTask("conversation", "smalltalk", 2, Exact, Streaming, NumbersItems.SmallTalk),
        new RetrievalTask("agent", null, 5, Exact, Streaming, AgentItems.Create),
        new RetrievalTask("longmemeval", null, 3, F1, Streaming, LongMemEvalItems.Create) { CountIn = LongMemEvalItems.Count },
        LongBench("narrativeqa", F1, LongBenchItems.Question),
        LongBench("qasper", F1, LongBenchItems.Question),
        LongBench("hotpotqa", F1, LongBenchItems.Question),
        LongBench("2wikimqa", F1, LongBenchItems.Question),
        LongBench("qmsum", RougeL, LongBenchItems.Summary),
        new AttentionTask(),
        new EvictionCostTask(),
    ];

    private static RetrievalTask LongBench(string subset, AnswerMetric metric, Func<ItemRequest, string, RetrievalItem> create) =>
        new("longbench", subset, 2, metric, Once, request => create(request, subset))
        {
            CountIn = data => LongBenchItems.Count(data, subset),
        };
}
