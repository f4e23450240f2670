using KvNorm.Evaluation.Models;

namespace KvNorm.Evaluation.Tasks;

/// <summary>
/// An agent with tools: a rule set at the start, results of tools in between, and values of old results asked for at the end.
/// </summary>
internal static class AgentItems
{
    private const string System =
        "You are an assistant of a shop. You have these tools.\n"
        + """{"name": "get_order", "description": "Looks up an order.", "parameters": {"id": {"type": "integer"}}}""" + "\n"
        + """{"name": "search_notes", "description": "Searches the notes of the shop.", "parameters": {"query": {"type": "string"}}}""";

    private const int Orders = 6, AnswerTokens = 12;
    private const string RuleProbe = "rule", Rule = "rule kept", Value = "value copied"; // the latter two: kinds of questions

    public static RetrievalItem Create(ItemRequest request)
    {
        Random random = request.Random();
        DialogueItem item = new(request, random, System);
        string sign = WordList.Nouns[random.Next(WordList.Nouns.Count)].ToUpperInvariant();
        item.Say(
            TurnRole.User, $"From now on, sign every answer with the code word {sign}.", $"Understood. Signed, {sign}.", RuleProbe);
        HashSet<int> ids = [];
        for (int order = 0; order < Orders; order++)
        {
            (int id, string tracking) = (random.Next(1000, 10_000), $"{random.Next(100_000, 1_000_000)}");
            while (!ids.Add(id))
                id = random.Next(1000, 10_000);
            string name = $"order {id}";
            item.Say(TurnRole.User, $"Please look up order {id}.", $$"""{"name": "get_order", "arguments": {"id": {{id}} } }""");
            item.Say(
                TurnRole.Tool,
                $$"""{"id": {{id}}, "items": {{random.Next(1, 9)}}, "tracking": "{{tracking}}", "status": "shipped"}""",
                $"Order {id} was shipped. Signed, {sign}.",
                name);
            item.Ask(
                name, $"What was the tracking number of order {id}?", $"The tracking number of order {id} is", tracking, AnswerTokens,
                Value);
            int until = (order + 1) * request.Length / Orders;
            while (item.Length < until)
                item.Say(TurnRole.Tool, $$"""{"tool": "search_notes", "text": "{{item.Prose(60)}}"}""", $"Nothing of use. Signed, {sign}.");
        }

        item.Ask(RuleProbe, "Thank you. Please say goodbye.", "Goodbye. Signed,", sign, AnswerTokens, Rule);
        return item.Finish();
    }
}
