namespace KvNorm.Runtime;

/// <summary>Memory that nobody has taken yet.</summary>
internal static class FreeMemory
{
    /// <summary>Bytes of a device's memory; null where there is no such device.</summary>
    /// <param name="name">As llama.cpp names it.</param>
    public static long? Of(string name) => name == NativeBuffer.Host ? OfHost() : OfDevice(name);

    // Within the limits of the container; what files are cached in counts as free.
    private static long OfHost()
    {
        GC.Collect(0, GCCollectionMode.Forced, blocking: true); // the figures are those of the last collection
        GCMemoryInfo memory = GC.GetGCMemoryInfo(GCKind.Any);
        return Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes);
    }

    // As the driver says.
    private static long? OfDevice(string name)
    {
        foreach (nint device in LlamaLibrary.NativeDevices().Where(device => LlamaLibrary.NameOf(device) == name))
        {
            LlamaImports.ggml_backend_dev_memory(device, out nuint free, out _);
            return checked((long)free);
        }

        return null;
    }
}
