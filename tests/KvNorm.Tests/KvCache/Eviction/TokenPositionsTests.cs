using FsCheck.Xunit;
using KvNorm.KvCache.Eviction;

namespace KvNorm.Tests.KvCache.Eviction;

public sealed class TokenPositionsTests
{
    // A list of what stands at each position says the same: a token, or -1 for one that was read again.
    [Property(MaxTest = 200)]
    public void Positions_AnyAppendDropTruncate_AgreeWithAPlainList(int seed)
    {
        Random random = new(seed);
        TokenPositions positions = new();
        List<int> cells = [];
        int length = 0;
        for (int step = 0; step < 20; step++)
        {
            switch (random.Next(5))
            {
                case 0:
                    int more = random.Next(5);
                    cells.AddRange(Enumerable.Range(length, more));
                    length += more;
                    break;
                case 1 when positions.ReadAgain == 0 || positions.Before == length:
                    int count = random.Next(1, 4);
                    positions.Append(length, count);
                    cells.AddRange(Enumerable.Repeat(-1, count));
                    break;
                case 2:
                    positions.Drop(length);
                    CutTo(length);
                    break;
                case 3:
                    length = random.Next(length + 1);
                    positions.Truncate(length);
                    CutTo(length);
                    break;
                case 4 when length > 0: // some are read anew, the last among them
                    cells = [.. Enumerable.Range(0, length - 1).Where(_ => random.Next(2) == 0), length - 1];
                    positions.Truncate(0);
                    foreach (int[] batch in cells.Chunk(3))
                        positions.AppendHeld(batch);
                    break;
            }

            Assert.Equal(cells.Count, positions.Of(length));
            Assert.All(cells.Where(static token => token >= 0), token => Assert.Equal(cells.IndexOf(token), positions.Of(token)));
            if (positions.ReadAgain > 0)
                Assert.All(cells[positions.First..(positions.First + positions.ReadAgain)], static cell => Assert.Equal(-1, cell));
        }

        void CutTo(int length)
        {
            int last = cells.FindLastIndex(cell => cell >= 0 && cell < length);
            cells.RemoveRange(last + 1, cells.Count - last - 1);
        }
    }
}
