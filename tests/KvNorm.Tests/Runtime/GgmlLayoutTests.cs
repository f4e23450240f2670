using KvNorm.Runtime;

namespace KvNorm.Tests.Runtime;

public sealed unsafe class GgmlLayoutTests
{
    private const int Query = 0, Key = 1, Cache = 2, Node = 3; // of the tensors below

    private delegate void Change(GgmlTensor* tensor);

    [Fact]
    public void FlashAttention_LoadedLibrary_HasTheLayoutThatIsRead()
    {
        LlamaLibrary.EnsureLoaded();
        Assert.InRange(GgmlLayout.FlashAttention, 1, 255);
    }

    [Fact]
    public void IsAsExpected_WhatTheTensorsWereMadeAs_IsTrue() => Assert.True(IsAsExpected(Node, static _ => { }));

    // A library whose fields lie elsewhere shows other numbers in these places.
    [Fact]
    public void IsAsExpected_AnyFieldThatIsReadDiffers_IsFalse()
    {
        Assert.False(IsAsExpected(Query, static tensor => tensor->Type = 1));
        Assert.False(IsAsExpected(Query, static tensor => tensor->Buffer = 8));
        Assert.False(IsAsExpected(Query, static tensor => tensor->Data = 8));
        Assert.False(IsAsExpected(Query, static tensor => tensor->Operation = 1));
        Assert.False(IsAsExpected(Cache, static tensor => tensor->Type = 0));
        Assert.False(IsAsExpected(Cache, static tensor => tensor->ViewOf = tensor));
        Assert.False(IsAsExpected(Cache, static tensor => tensor->NameBytes[9] = (byte)'x'));
        Assert.False(IsAsExpected(Cache, static tensor => tensor->NameBytes[11] = (byte)'0')); // cache_k_l170
        Assert.False(IsAsExpected(Key, static tensor => tensor->ViewOf = null));
        Assert.False(IsAsExpected(Key, static tensor => tensor->ViewOffset++));
        Assert.False(IsAsExpected(Key, static tensor => tensor->Operation = 0));
        Assert.False(IsAsExpected(Node, static tensor => tensor->Operation = 35));
        Assert.False(IsAsExpected(Node, static tensor => tensor->SourceAddresses[0] = 8));
        Assert.False(IsAsExpected(Node, static tensor => tensor->SourceAddresses[1] = 8));
        Assert.False(IsAsExpected(Node, static tensor => tensor->SourceAddresses[3] = 8));
        Assert.False(IsAsExpected(Node, static tensor => tensor->SourceAddresses[4] = 8));
        for (int i = 0; i < 3; i++)
        {
            int at = i;
            Assert.False(IsAsExpected(Node, tensor => tensor->Parameters[at]++));
            Assert.False(IsAsExpected(Query, tensor => tensor->Elements[at]++));
            Assert.False(IsAsExpected(Query, tensor => tensor->Strides[at]++));
            Assert.False(IsAsExpected(Key, tensor => tensor->Elements[at]++));
            Assert.False(IsAsExpected(Key, tensor => tensor->Strides[at]++));
        }
    }

    // The tensors as GgmlLayout has the library make them, by the figures of its constants.
    private static bool IsAsExpected(int changed, Change change)
    {
        GgmlTensor* tensors = stackalloc GgmlTensor[4];
        new Span<GgmlTensor>(tensors, 4).Clear();
        GgmlTensor* query = tensors + Query, key = tensors + Key, cache = tensors + Cache, node = tensors + Node;
        Fill(query, [32, 5, 6, 1], [4, 128, 640]);
        Fill(key, [32, 12, 2, 1], [2, 128, 64]);
        (cache->Type, key->Operation, key->ViewOffset) = (1, 35, 256);
        key->ViewOf = cache;
        "cache_k_l17"u8.CopyTo(new Span<byte>(cache->NameBytes, GgmlTensor.NameLength));
        node->Operation = 90;
        node->Parameters[0] = BitConverter.SingleToInt32Bits(0.375f);
        (node->SourceAddresses[0], node->SourceAddresses[1], node->SourceAddresses[2]) = ((long)query, (long)key, (long)key);
        change(tensors + changed);
        return GgmlLayout.IsAsExpected(node, query, key, cache);
    }

    private static void Fill(GgmlTensor* tensor, ReadOnlySpan<long> elements, ReadOnlySpan<long> strides)
    {
        elements.CopyTo(new Span<long>(tensor->Elements, GgmlTensor.Dimensions));
        strides.CopyTo(new Span<long>(tensor->Strides, GgmlTensor.Dimensions));
    }
}
