namespace KvNorm.KvCache.Eviction;

/// <summary>Takes the best scored rows.</summary>
internal static class RowSelector
{
    /// <summary>The score that keeps a row whatever the others have.</summary>
    public const float Pinned = float.PositiveInfinity;

    private const int DigitBits = 8;
    private const int Digits = 1 << DigitBits;
    private const uint SignBit = 1u << 31;

    /// <summary>Writes the numbers of the best rows in time order. Of equal rows the earlier are taken; NaN counts as the lowest.</summary>
    /// <param name="scores">(rows); NaN is replaced.</param>
    /// <param name="kept">Receives the rows to keep, (at most rows), ascending.</param>
    public static void SelectTop(Span<float> scores, Span<int> kept)
    {
        for (int row = 0; row < scores.Length; row++)
        {
            if (float.IsNaN(scores[row]))
                scores[row] = float.NegativeInfinity;
        }

        float threshold = Threshold(scores, kept.Length, out int equal);
        int count = 0;
        for (int row = 0; count < kept.Length; row++)
        {
            if (scores[row] > threshold || (scores[row] == threshold && equal-- > 0))
                kept[count++] = row;
        }
    }

    // The lowest score that is still taken, and how many of those equal to it. Found digit by digit from the highest on, without sorting:
    // of the scores that share the digits so far it is counted how many have each next one.
    private static float Threshold(ReadOnlySpan<float> scores, int take, out int equal)
    {
        Span<int> counts = stackalloc int[Digits];
        uint known = 0; // the digits so far
        for (int shift = 32 - DigitBits; shift >= 0; shift -= DigitBits)
        {
            counts.Clear();
            foreach (float score in scores)
            {
                ulong digits = Ordinal(score) >> shift;
                if (digits >> DigitBits == known)
                    counts[(int)(digits % Digits)]++;
            }

            int digit = Digits - 1;
            for (; counts[digit] < take; digit--)
                take -= counts[digit];
            known = (known << DigitBits) | (uint)digit;
        }

        equal = take;
        return OfOrdinal(known);
    }

    // A number that is in the order of the scores, which their bits are not: of negative ones the larger has the smaller bits.
    private static ulong Ordinal(float score)
    {
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f); // turns -0, which equals 0, into 0
        return (bits & SignBit) == 0 ? bits | SignBit : ~bits;
    }

    private static float OfOrdinal(uint ordinal) =>
        BitConverter.UInt32BitsToSingle((ordinal & SignBit) == 0 ? ~ordinal : ordinal & ~SignBit);
}
