using System.Globalization;
using KvNorm.Tests.Gguf;
using LLama;
using LLama.Common;
using LLama.Native;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat;

/// <summary>
/// What runs in a process of its own: makes clients one after the other, has each answer, disposes of it, and says what the process holds.
/// </summary>
internal static class ClientTurnover
{
    /// <summary>The first argument of this assembly, run as a program.</summary>
    public const string Command = "turn-clients-over";

    /// <summary>The last argument: whose the weights are.</summary>
    public const string Own = "own", Shared = "shared";

    /// <summary>Clients between two lines of output.</summary>
    public const int PerLine = 50;

    /// <summary>Writes a line at the start and after each fifty clients.</summary>
    public static async Task RunAsync(int clients, bool overSharedWeights)
    {
        string path = TinyModel.Write();
        NativeLibraryConfig.All.WithLogCallback(static (_, _) => { });
        using LLamaWeights? weights = overSharedWeights ? LLamaWeights.LoadFromFile(new ModelParams(path)) : null;
        for (int done = 0; done <= clients; done++)
        {
            if (done % PerLine == 0)
                Say();
            await AnswerAsync(path, weights);
        }
    }

    private static async Task AnswerAsync(string path, LLamaWeights? weights)
    {
        KvNormChatOptions options = TestClient.Options(256);
        options.ModelPath = path;
        using KvNormChatClient client = weights is null ? KvNormChatClient.Create(options) : KvNormChatClient.Create(weights, options);
        await client.GetResponseAsync("hello, word", TestClient.Greedy(4));
    }

    private static void Say()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long managed = GC.GetTotalMemory(forceFullCollection: true);
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{managed} {process.WorkingSet64} {process.HandleCount} {process.Threads.Count}"));
    }
}
