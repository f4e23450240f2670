namespace KvNorm.Server.Conversations;

/// <summary>What a reader wants to know of all tokens without being sent each.</summary>
internal static class TokenSummary
{
    private const int MaximumSlices = 100;

    /// <summary>The share held of each of up to 100 equal parts of the conversation, in order, 0 to 1.</summary>
    public static IReadOnlyList<float> Slices(IReadOnlyList<TokenRetention> tokens)
    {
        int slices = Math.Min(MaximumSlices, tokens.Count);
        return [.. Enumerable.Range(0, slices).Select(slice => Mean(Bound(slice), Bound(slice + 1)))];

        int Bound(int slice) => (int)((long)tokens.Count * slice / slices);

        float Mean(int from, int to)
        {
            float sum = 0;
            for (int token = from; token < to; token++)
                sum += tokens[token].Held;
            return sum / (to - from);
        }
    }

    /// <summary>The passages that came back for the last message.</summary>
    public static IReadOnlyList<RecalledPassage> Passages(IReadOnlyList<TokenRetention> tokens)
    {
        List<RecalledPassage> passages = [];
        for (int token = 0; token < tokens.Count; token++)
        {
            if (!tokens[token].IsRecalled)
                continue;
            int from = token;
            while (token < tokens.Count && tokens[token].IsRecalled)
                token++;
            passages.Add(new RecalledPassage(from, string.Concat(tokens.Take(from..token).Select(static one => one.Text))));
        }

        return passages;
    }
}
