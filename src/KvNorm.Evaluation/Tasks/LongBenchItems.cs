using System.Text.Json;

namespace KvNorm.Evaluation.Tasks;

/// <summary>
/// Questions and summaries over long documents (LongBench, Bai et al. 2023, arXiv 2308.14508); five subsets, as the paper has them.
/// </summary>
internal static class LongBenchItems
{
    private const int AnswerTokens = 32, SummaryTokens = 128;

    /// <summary>Questions about a document.</summary>
    public static RetrievalItem Question(ItemRequest request, string subset) => Create(
        request, subset, "Read the following text and answer the question after it as briefly as you can.\n", AnswerTokens);

    /// <summary>Summaries of a meeting for a question.</summary>
    public static RetrievalItem Summary(ItemRequest request, string subset) => Create(
        request, subset, "Read the following transcript of a meeting and answer the query after it in one or more sentences.\n",
        SummaryTokens);

    public static int Count(DataSet data, string subset) => data.Lines(FileOf(subset)).Count;

    private static string FileOf(string subset) => subset + ".jsonl";

    private static RetrievalItem Create(ItemRequest request, string subset, string instruction, int maximumTokens)
    {
        JsonElement record = request.Data!.Lines(FileOf(subset))[request.Index];
        try
        {
            TextItem item = new(request, instruction);
            string context = record.GetProperty("context").GetString() ?? "";
            foreach (string line in context.Split('\n'))
                item.Add(line + "\n");
            string[] answers = [.. record.GetProperty("answers").EnumerateArray().Select(static answer => answer.GetString() ?? "")];
            if (answers.Length == 0)
                throw new InvalidOperationException("it has no answer.");
            return item.AskOneOf($"\nQuestion: {record.GetProperty("input").GetString()}", "Answer:", answers, maximumTokens);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"Record {request.Index} of '{FileOf(subset)}' is none of LongBench: {e.Message}", e);
        }
    }
}
