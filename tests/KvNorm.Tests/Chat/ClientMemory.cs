using System.Globalization;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat;

/// <summary>
/// What runs in a process of its own: has a client read so much that all its memory is in use, and says by how much the process grew and
/// what the client says it takes.
/// </summary>
internal static class ClientMemory
{
    /// <summary>The first argument of this assembly, run as a program.</summary>
    public const string Command = "measure-memory";

    /// <summary>Writes the bytes that the process has, and then what the client says it takes for each purpose.</summary>
    /// <param name="path">The model.</param>
    /// <param name="cells">Cells of the cache.</param>
    /// <param name="archiveBytes">The maximum of what is kept of evicted rows.</param>
    public static async Task RunAsync(string path, int cells, long archiveBytes)
    {
        KvNormChatOptions options = TestClient.Options(cells);
        (options.ModelPath, options.GpuLayers, options.ArchiveBytes) = (path, 0, archiveBytes);
        using KvNormChatClient client = KvNormChatClient.Create(options);
        string text = string.Concat(Enumerable.Range(0, cells).Select(static number => $"{number % 10} ")); // twice as many tokens
        await client.GetResponseAsync([new ChatMessage(ChatRole.User, text)], TestClient.Greedy(1));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Resident()}"));
        foreach (KvNormMemory memory in client.GetMemory())
        {
            long unused = memory.Purpose == KvNormMemoryPurpose.Archive ? client.Cache.RecallBytes : 0; // nothing comes back here
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{memory.Device} {memory.Purpose} {memory.Bytes - unused}"));
        }
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Environment.WorkingSet;
    }
}
