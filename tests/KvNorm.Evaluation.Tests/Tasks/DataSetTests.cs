using KvNorm.Evaluation.Results;
using KvNorm.Evaluation.Tasks;
using KvNorm.Evaluation.Tests.Models;

namespace KvNorm.Evaluation.Tests.Tasks;

/// <summary>Published data sets, in small files of our own in their formats.</summary>
public sealed class DataSetTests
{
    private const string LongMemEval = """
        [{"question_id": "q1", "question_type": "single-session-user", "question": "How many shirts did I pack?", "answer": 7,
          "haystack_dates": ["2023/05/20"], "haystack_session_ids": ["s1"],
          "haystack_sessions": [
            [{"role": "user", "content": "I packed 7 shirts for my trip.", "has_answer": true}, {"role": "assistant", "content": "Good."}],
            [{"role": "user", "content": "What is the weather like in spring over there at the coast?", "has_answer": false},
             {"role": "assistant", "content": "It is mild, and it rains on some days, so take a coat and shoes that stay dry."}]],
          "answer_session_ids": ["s1"]}]
        """;

    private const string LongBench =
        """{"input": "Who found it?", "context": "It was lost.\nAnna found it.\nThen she went home.", "answers": ["Anna", "Anna did"], """
        + """ "length": 9, "dataset": "hotpotqa", "all_classes": null, "_id": "1"}""";

    [Fact]
    public void LongMemEval_Record_HasTheMarkedTurnsAsEvidence()
    {
        using TemporaryFolder folder = Items.Folder();
        File.WriteAllText(folder.File("s.json"), LongMemEval);
        ScriptedModel model = new(static held => held.Contains("7 shirts", StringComparison.Ordinal) ? "You packed 7." : "None.");
        ItemRequest request = Items.Request(model, data: new DataSet(folder.File("s.json")));
        RetrievalTask task = Items.Retrieval("longmemeval");
        Assert.Equal(1, task.Count(request.Data));
        RetrievalItem item = task.Create(request);
        Segment evidence = Assert.Single(item.Segments, static segment => segment.IsEvidence);
        Assert.Contains("I packed 7 shirts", model.Text(evidence.Tokens), StringComparison.Ordinal);
        Prediction[] predictions =
        [
            .. task.Run(request, [Items.Arm("full", 1), Items.Arm("recency", 0.4)], CancellationToken.None).SelectMany(static arm => arm),
        ];
        Assert.Equal([1, 0], predictions.Select(static prediction => prediction.EvidenceHeld));
        Assert.Equal(["7"], predictions[0].Expected);
        Assert.True(predictions[0].Score > predictions[1].Score);
    }

    [Fact]
    public void LongBench_Record_TakesAnyOfTheAnswers()
    {
        using TemporaryFolder folder = Items.Folder();
        File.WriteAllText(folder.File("hotpotqa.jsonl"), LongBench + "\n");
        ScriptedModel model = new(static _ => "Anna");
        ItemRequest request = Items.Request(model, data: new DataSet(folder.Path));
        RetrievalTask task = Items.Retrieval("longbench.hotpotqa");
        Assert.Equal(1, task.Count(request.Data));
        Assert.Equal(1, task.Run(request, [Items.Arm("full", 1)], CancellationToken.None).Single().Single().Score);
        Assert.Contains("Anna found it.", Items.TextOf(model, task.Create(request)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("longmemeval", "s.json", "{}")]
    [InlineData("longmemeval", "s.json", "[{\"question\": 1}]")]
    [InlineData("longmemeval", "s.json", "[{]")]
    [InlineData("longbench.hotpotqa", "hotpotqa.jsonl", "{\"input\": \"x\"}")]
    [InlineData("longbench.hotpotqa", "hotpotqa.jsonl", "{\"input\": \"x\", \"context\": \"y\", \"answers\": []}")]
    [InlineData("longbench.hotpotqa", "hotpotqa.jsonl", "no json")]
    public void Create_OtherFile_SaysSo(string task, string file, string content)
    {
        using TemporaryFolder folder = Items.Folder();
        File.WriteAllText(folder.File(file), content);
        DataSet data = new(task == "longmemeval" ? folder.File(file) : folder.Path);
        InvalidDataException e = Assert.Throws<InvalidDataException>(
            () => Items.Retrieval(task).Create(Items.Request(new ScriptedModel(), data: data)));
        Assert.Contains(file, e.Message, StringComparison.Ordinal);
    }
}
