using KvNorm.KvCache.State;
using KvNorm.Runtime;

namespace KvNorm.KvCache.Slots;

/// <summary>
/// What a cache may take where the application gives no number: what is left where the model's layers are, now that its weights are loaded.
/// </summary>
/// <param name="CacheOn">Bytes that some cells take on each device, by its name, or <see cref="NativeBuffer.Host"/>.</param>
/// <param name="ComputeOn">Bytes that decoding takes there.</param>
/// <param name="WeightsOnHost">Weights that the host has, which count as free while they are in their file.</param>
/// <param name="CopiedToHost">What the host holds of the cache once more while rows move, as a share of it.</param>
/// <param name="OtherOnHost">Bytes that the archive and conversations outside of the slots may take.</param>
internal sealed record AutomaticBudget(
    IReadOnlyDictionary<string, long> CacheOn,
    IReadOnlyDictionary<string, long> ComputeOn,
    long WeightsOnHost,
    double CopiedToHost,
    long OtherOnHost)
{
    // Of what a device has left, since displays and other programs grow, too; of the host, where those are many, half.
    private const double DeviceShare = 0.9, HostShare = 0.5;
    private const double Maximum = 1L << 50; // bytes; no machine has them

    /// <summary>Finds out where a model's cache lies, from a small one.</summary>
    /// <param name="model">The model.</param>
    /// <param name="probe">What is known of its cache.</param>
    /// <param name="slots">Conversations at a time.</param>
    /// <param name="unified">Whether one of them may have nearly all cells.</param>
    /// <param name="recalls">Whether rows come back.</param>
    /// <param name="otherOnHost">Bytes that the archive and conversations outside of the slots may take.</param>
    public static AutomaticBudget For(LlamaModel model, ModelProbe probe, int slots, bool unified, bool recalls, long otherOnHost)
    {
        LlamaContextSettings settings = new(LlamaContext.CellPadding, CellCost.LargestBatch, 1, slots)
        {
            Types = probe.Types,
        };
        using LlamaContext context = new(model, settings);
        ILookup<bool, NativeBuffer> buffers = context.Buffers.ToLookup(static buffer => buffer.IsCache);
        IEnumerable<NativeBuffer> cache = buffers[true].Where(static buffer => buffer.Bytes > 0)
            .DefaultIfEmpty(new NativeBuffer(NativeBuffer.Host, "KV", 1)); // a log that says nothing is that of another release
        return new AutomaticBudget(
            BytesOn(cache),
            BytesOn(buffers[false]),
            model.Buffers.Where(static buffer => buffer.Device == NativeBuffer.Host).Sum(static buffer => buffer.Bytes),
            (unified ? 1 : 1.0 / slots) * (1 + (recalls ? RecallRoom.MovedShare : 0)),
            otherOnHost);
    }

    /// <summary>The bytes that the cache may take.</summary>
    /// <param name="free">Bytes that a device has left, by its name; null where that is not known.</param>
    public long Bytes(Func<string, long?> free)
    {
        double cache = CacheOn.Values.Sum(), least = Maximum;
        foreach (string device in CacheOn.Keys.Append(NativeBuffer.Host).Distinct(StringComparer.Ordinal))
        {
            double there = CacheOn.GetValueOrDefault(device) / cache, room;
            if (device == NativeBuffer.Host)
            {
                room = (HostShare * ((free(device) ?? 0) - WeightsOnHost)) - OtherOnHost;
                there += CopiedToHost;
            }
            else
            {
                room = DeviceShare * (free(device) ?? 0);
            }

            least = Math.Min(least, (room - ComputeOn.GetValueOrDefault(device)) / there);
        }

        return (long)Math.Max(1, least);
    }

    private static Dictionary<string, long> BytesOn(IEnumerable<NativeBuffer> buffers) => buffers
        .GroupBy(static buffer => buffer.Device, StringComparer.Ordinal)
        .ToDictionary(static group => group.Key, static group => group.Sum(static buffer => buffer.Bytes), StringComparer.Ordinal);
}
