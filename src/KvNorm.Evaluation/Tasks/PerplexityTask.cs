using System.Diagnostics;
using System.Numerics.Tensors;
using KvNorm.Evaluation.Models;
using KvNorm.Evaluation.Results;

namespace KvNorm.Evaluation.Tasks;

/// <summary>
/// A text read token by token in too few cells: how much less likely its second half becomes. All arms and shares are scored on the same
/// tokens.
/// </summary>
internal sealed class PerplexityTask() : EvaluationTask("perplexity", null, version: 1)
{
    private const int SentenceTokens = 4; // the least that a sentence has on average

    public override string Metric => "perplexity ratio";

    public override bool LowerIsBetter => true;

    internal override IReadOnlyList<int> Lengths => [2048];

    internal override int Weight => 3;

    /// <summary>A passage of exactly so many tokens.</summary>
    /// <exception cref="ArgumentException">The text is shorter.</exception>
    public static int[] Passage(ItemRequest request)
    {
        TurnWriter turns = new(request.Model);
        List<string> sentences = Haystack.Prose(request, request.Random(), reserved: -SentenceTokens);
        int[] tokens = [.. turns.Begin(), .. turns.Text(string.Join(' ', sentences))];
        return tokens.Length >= request.Length ? tokens[..request.Length] : throw Haystack.TooShort(request);
    }

    internal override IEnumerable<IReadOnlyList<Prediction>> Run(
        ItemRequest request, IReadOnlyList<ArmShare> arms, CancellationToken cancellationToken)
    {
        if (request.Model.TrainedLength is var trained and > 0 && request.Length > trained)
            yield break; // no cache of this model becomes so large, and there is nothing to compare with
        int[] tokens = Passage(request);
        List<NextToken> full = ReadFull(request, tokens, cancellationToken);
        foreach (ArmShare arm in arms)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return [Measure(request, arm, tokens, full, cancellationToken)];
        }
    }

    // What a full cache says of every token of the second half.
    private static List<NextToken> ReadFull(ItemRequest request, int[] tokens, CancellationToken cancellationToken)
    {
        using StreamedText text = new(request, new ArmShare(EvaluationArm.Full, 1), tokens);
        int half = tokens.Length / 2;
        text.ReadBeginning(tokens.AsSpan(0, half), cancellationToken);
        int vocabulary = text.Cache.NextLogits.Length;
        float[] logs = new float[vocabulary], scratch = new float[vocabulary];
        List<NextToken> all = [];
        for (int at = half; at < tokens.Length; at++)
        {
            LogSoftmax.Of(text.Cache.NextLogits, logs, scratch);
            Half[] row = new Half[vocabulary];
            TensorPrimitives.ConvertToHalf(logs, row);
            all.Add(new NextToken(row, logs[tokens[at]], TensorPrimitives.IndexOfMax<float>(logs)));
            text.Read(tokens.AsSpan(at, 1), cancellationToken);
        }

        return all;
    }

    private Prediction Measure(ItemRequest request, ArmShare arm, int[] tokens, List<NextToken> full, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        using StreamedText text = new(request, arm, tokens);
        int half = tokens.Length / 2;
        text.ReadBeginning(tokens.AsSpan(0, half), cancellationToken);
        StreamTally tally = new(full[0].LogProbabilities.Length);
        int most = 0;
        for (int at = half; at < tokens.Length; at++)
        {
            tally.Add(at, text.Distance, full[at - half], text.Cache.NextLogits, tokens[at]);
            text.Read(tokens.AsSpan(at, 1), cancellationToken);
            most = Math.Max(most, text.Cache.Cells);
        }

        if (arm.Arm.Kind != EvaluationArmKind.Full && text.Evictions == 0)
            throw new InvalidOperationException($"Nothing was evicted at a share of {arm.Share} of {tokens.Length} tokens.");
        return tally.On(new Prediction(Name, Version, request.Length, request.Index, "", 1, arm.Arm.Name, arm.Share)
        {
            Length = tokens.Length,
            Evictions = text.Evictions,
            EvictionMilliseconds = text.EvictionMilliseconds,
            Cells = most,
            Bytes = most * request.Model.BytesPerCell,
            Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
        });
    }
}
