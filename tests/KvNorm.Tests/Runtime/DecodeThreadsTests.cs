using KvNorm.Runtime;
using LLama.Native;

namespace KvNorm.Tests.Runtime;

public sealed class DecodeThreadsTests
{
    [Theory]
    [InlineData(2, new[] { 2, 2, 2 }, 1)]
    [InlineData(2, new[] { 1, 1, 1 }, 3)] // a team of one is its caller
    [InlineData(2, new[] { 2, 1, 2 }, 2)]
    [InlineData(16, new[] { 8, 8, 8 }, 2)]
    [InlineData(16, new[] { 4, 4, 4, 4 }, 4)]
    [InlineData(2, new[] { 64, 64 }, 1)]
    public void Rent_Teams_HaveThreadsOfTheirOwnWhileTheyFitTheCores(int cores, int[] teams, int threads)
    {
        DecodeThreads pool = new(cores, canShare: true);
        DecodeThread[] rented = [.. teams.Select(pool.Rent)];
        Assert.Equal(threads, rented.Distinct().Count());
        Array.ForEach(rented, pool.Return);
    }

    [Fact]
    public void Rent_WhatDoesNotFit_SharesWithTheLikeAndTheLeastUsed()
    {
        DecodeThreads pool = new(16, canShare: true);
        DecodeThread[] rented = [pool.Rent(8), pool.Rent(8), pool.Rent(1), pool.Rent(8), pool.Rent(8)];
        Assert.Equal(3, rented.Distinct().Count());
        Assert.NotSame(rented[2], rented[3]);
        Assert.NotSame(rented[3], rented[4]);
        Array.ForEach(rented, pool.Return);
    }

    [Fact]
    public void Rent_OnAGpu_NobodyWaitsForAnother()
    {
        DecodeThreads pool = new(2, canShare: false);
        DecodeThread[] rented = [pool.Rent(2), pool.Rent(2)];
        Assert.NotSame(rented[0], rented[1]);
        Array.ForEach(rented, pool.Return);
    }

    [Fact]
    public void Return_TheLastUser_EndsTheThreadAndMakesRoom()
    {
        DecodeThreads pool = new(2, canShare: true);
        DecodeThread first = pool.Rent(2);
        Assert.Same(first, pool.Rent(2));
        pool.Return(first);
        Assert.Equal(DecodeResult.Ok, first.Run(new DecodeThread.Job(static () => DecodeResult.Ok)));
        pool.Return(first);
        Assert.ThrowsAny<InvalidOperationException>(() => first.Run(new DecodeThread.Job(static () => DecodeResult.Ok)));
        DecodeThread second = pool.Rent(2);
        Assert.NotSame(first, second);
        pool.Return(second);
    }
}
