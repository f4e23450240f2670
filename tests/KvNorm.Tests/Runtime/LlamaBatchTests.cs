using KvNorm.Runtime;
using LLama.Native;

namespace KvNorm.Tests.Runtime;

public sealed class LlamaBatchTests
{
    private const int VocabularySize = 100;

    [Fact]
    public void Add_TokensOfSeveralSequences_AreWhatIsDecoded()
    {
        LlamaBatch batch = new(8, 3, VocabularySize);
        Assert.Equal(2, batch.Add(2, [7, 8, 9], 5, logits: true));
        Assert.Equal(3, batch.Add(0, [99], 0, logits: false));
        Assert.Equal(5, batch.Add(2, [0, 1], 8, logits: true));
        Assert.Equal((6, 2, 8), (batch.Count, batch.Room, batch.Capacity));
        Assert.Equal(["7@5 of 2", "8@6 of 2", "9@7 of 2 !", "99@0 of 0", "0@8 of 2", "1@9 of 2 !"], Rows(batch), StringComparer.Ordinal);
    }

    [Fact]
    public void FirstPositions_Sequences_AreThoseOfTheirFirstTokens()
    {
        LlamaBatch batch = new(8, 3, VocabularySize);
        Assert.Equal([-1, -1, -1], batch.FirstPositions.ToArray());
        batch.Add(2, [1, 2], 4, logits: false);
        batch.Add(0, [1], 0, logits: true);
        batch.Add(2, [3], 6, logits: true);
        Assert.Equal([0, -1, 4], batch.FirstPositions.ToArray());
    }

    [Fact]
    public void Clear_BatchThatWasFull_TakesTheNext()
    {
        LlamaBatch batch = new(2, 2, VocabularySize);
        batch.Add(1, [1], 3, logits: true);
        batch.Add(1, [2], 4, logits: true);
        Assert.Equal(0, batch.Room);
        batch.Clear();
        Assert.Equal((0, 2), (batch.Count, batch.Room));
        Assert.Equal([-1, -1], batch.FirstPositions.ToArray());
        Assert.Equal(1, batch.Add(0, [5, 6], 0, logits: false));
        Assert.Equal(["5@0 of 0", "6@1 of 0"], Rows(batch), StringComparer.Ordinal); // nothing of the last one is left
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("1 2 3", 0)] // there is room for two
    [InlineData("1", -1)]
    [InlineData("-1", 0)]
    [InlineData("1 100", 0)]
    public void Add_WhatCannotBe_ChangesNothing(string tokens, int position)
    {
        LlamaBatch batch = new(3, 1, VocabularySize);
        batch.Add(0, [50], 0, logits: true);
        int[] added = [.. tokens.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Add(0, added, position, logits: true));
        Assert.Equal(["50@0 of 0 !"], Rows(batch), StringComparer.Ordinal);
        Assert.Equal((1, 2), (batch.Count, batch.Room));
    }

    // Every token as "token@position of sequence", with a mark where logits are asked for.
    private static unsafe string[] Rows(LlamaBatch batch)
    {
        LLamaNativeBatch native = batch.ToNative();
        string[] rows = new string[native.n_tokens];
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.Equal(1, native.n_seq_id[i]);
            rows[i] = $"{(int)native.tokens[i]}@{(int)native.pos[i]} of {(int)native.seq_id[i][0]}{(native.logits[i] != 0 ? " !" : "")}";
        }

        GC.KeepAlive(batch);
        return rows;
    }
}
