using FsCheck.Xunit;
using KvNorm.Chat.Prompts;

namespace KvNorm.Tests.Chat.Prompts;

public sealed class PieceCacheTests
{
    private const int Much = 5 << 20; // characters, more than are held before the older half goes

    private readonly PieceCache _cache = new();

    [Fact]
    public void Find_WhatWasAdded_GivesItsTokens()
    {
        _cache.Add(7, "text", [1, 2]);
        Assert.Equal([1, 2], _cache.Find(7, "text")!);
    }

    [Theory]
    [InlineData(8, "text")]
    [InlineData(0, "text")]
    [InlineData(7, "Text")]
    [InlineData(7, "text ")]
    [InlineData(7, "")]
    public void Find_OtherPlaceOrText_IsNotKnown(ulong before, string text)
    {
        _cache.Add(7, "text", [1, 2]);
        Assert.Null(_cache.Find(before, text));
    }

    [Fact]
    public void Add_Again_GivesTheLaterTokens()
    {
        _cache.Add(7, "text", [1, 2]);
        _cache.Add(7, "text", [3]);
        Assert.Equal([3], _cache.Find(7, "text")!);
    }

    [Fact]
    public void Add_MuchText_ForgetsWhatWasNotAskedFor()
    {
        _cache.Add(0, "kept", [1]);
        _cache.Add(0, "forgotten", [2]);
        Fill('a');
        Assert.Equal([1], _cache.Find(0, "kept")!); // in the older half now, and asked for
        Fill('b');
        Assert.Equal([1], _cache.Find(0, "kept")!);
        Assert.Null(_cache.Find(0, "forgotten"));
        Fill('c');
        Fill('d');
        Assert.Null(_cache.Find(0, "kept"));
    }

    [Fact]
    public void Add_LittleText_ForgetsNothing()
    {
        for (int i = 0; i < 1000; i++)
            _cache.Add(0, $"{i}", [i]);
        Assert.All(Enumerable.Range(0, 1000), i => Assert.Equal([i], _cache.Find(0, $"{i}")!));
    }

    [Property]
    public void Hash_InParts_IsThatOfTheWhole(int[] first, int[] second) =>
        Assert.Equal(
            PieceCache.Hash(PieceCache.Seed, [.. first, .. second]), PieceCache.Hash(PieceCache.Hash(PieceCache.Seed, first), second));

    [Property]
    public void Hash_OtherTokenAnywhere_IsAnother(int[] tokens, int at, int other)
    {
        if (tokens.Length == 0)
            return;
        int index = (at & int.MaxValue) % tokens.Length;
        int[] changed = [.. tokens];
        changed[index] = other;
        Assert.Equal(tokens[index] == other, PieceCache.Hash(PieceCache.Seed, tokens) == PieceCache.Hash(PieceCache.Seed, changed));
    }

    [Fact]
    public void Hash_SameTokensInAnotherOrderOrNumber_IsAnother()
    {
        ulong[] hashes = [Hash(), Hash(0), Hash(0, 0), Hash(1, 2), Hash(2, 1), Hash(1), Hash(256), Hash(-1)];
        Assert.Equal(hashes.Length, hashes.Distinct().Count());

        static ulong Hash(params int[] tokens) => PieceCache.Hash(PieceCache.Seed, tokens);
    }

    // Text until the older half goes, and one piece to have it go.
    private void Fill(char letter)
    {
        _cache.Add(0, new string(letter, Much), [0]);
        _cache.Add(0, $"behind {letter}", [0]);
    }
}
