using KvNorm.KvCache.Slots;
using KvNorm.Runtime;

namespace KvNorm;

/// <summary>Memory that a client takes in one place for one purpose.</summary>
/// <param name="Device">"CPU" for the host's memory, or a device as <see cref="KvNormRuntimeFacts.Devices"/> names it.</param>
/// <param name="Purpose">What for.</param>
/// <param name="Bytes">Its size; of what grows as it is needed, the maximum.</param>
public sealed record KvNormMemory(string Device, KvNormMemoryPurpose Purpose, long Bytes)
{
    /// <summary>The memory of a client.</summary>
    /// <param name="model">Its model.</param>
    /// <param name="cache">Its slots.</param>
    /// <param name="options">What it was made with.</param>
    internal static IReadOnlyList<KvNormMemory> Of(LlamaModel model, SlotPool cache, KvNormChatOptions options)
    {
        IEnumerable<KvNormMemory> native =
        [
            .. model.Buffers.Select(static buffer => Of(buffer, KvNormMemoryPurpose.Weights)),
            .. cache.Context.Buffers.Select(static buffer =>
                Of(buffer, buffer.IsCache ? KvNormMemoryPurpose.Cache : KvNormMemoryPurpose.Compute)),
        ];
        IEnumerable<KvNormMemory> own =
        [
            new(NativeBuffer.Host, KvNormMemoryPurpose.Eviction, cache.Plan.EvictionBytes),
            new(NativeBuffer.Host, KvNormMemoryPurpose.Archive, cache.ArchiveLayout is null ? 0 : options.ArchiveBytes + cache.RecallBytes),
            new(NativeBuffer.Host, KvNormMemoryPurpose.Parked, options.ParkedBytes),
        ];
        return
        [
            .. native.Concat(own)
                .GroupBy(static memory => (memory.Device, memory.Purpose))
                .Select(static group => new KvNormMemory(group.Key.Device, group.Key.Purpose, group.Sum(static memory => memory.Bytes)))
                .Where(static memory => memory.Bytes > 0)
                .OrderBy(static memory => memory.Purpose),
        ];
    }

    private static KvNormMemory Of(NativeBuffer buffer, KvNormMemoryPurpose purpose) => new(buffer.Device, purpose, buffer.Bytes);
}
