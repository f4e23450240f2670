using System.Text.Json;
using KvNorm.Evaluation.Models;

namespace KvNorm.Evaluation.Tasks;

/// <summary>
/// LongMemEval (Wu et al. 2024, arXiv 2410.10813): a question about a history of many sessions. The turns marked has_answer are the
/// evidence.
/// </summary>
internal static class LongMemEvalItems
{
    private const string QuestionProbe = "question";
    private const int AnswerTokens = 64;

    public static int Count(DataSet data) => data.Array().Count;

    public static RetrievalItem Create(ItemRequest request)
    {
        JsonElement record = request.Data!.Array()[request.Index];
        try
        {
            return Read(request, record);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"Record {request.Index} of '{request.Data.Name}' is none of LongMemEval: {e.Message}", e);
        }
    }

    private static RetrievalItem Read(ItemRequest request, JsonElement record)
    {
        DialogueItem item = new(request, request.Random(), TextItem.System);
        IEnumerable<JsonElement> turns =
            record.GetProperty("haystack_sessions").EnumerateArray().SelectMany(static session => session.EnumerateArray());
        foreach (JsonElement turn in turns)
        {
            bool isEvidence = turn.TryGetProperty("has_answer", out JsonElement has) && has.ValueKind == JsonValueKind.True;
            bool isAssistant = turn.GetProperty("role").GetString() == "assistant";
            item.Add(
                isAssistant ? TurnRole.Assistant : TurnRole.User, turn.GetProperty("content").GetString() ?? "",
                isEvidence ? QuestionProbe : null);
        }

        string answer = record.GetProperty("answer").ToString(); // some are numbers
        item.Ask(QuestionProbe, record.GetProperty("question").GetString() ?? "", "The answer is", answer, AnswerTokens);
        return item.Finish();
    }
}
