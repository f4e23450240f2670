using System.Globalization;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Gguf;

/// <summary>
/// What runs in a process of its own: loads changed models one after the other and answers with those that load. What the process says last
/// before it ends is the number of the file that ended it.
/// </summary>
internal static class ChangedModelLoader
{
    /// <summary>The first argument of this assembly, run as a program.</summary>
    public const string Command = "load-changed-models";

    /// <summary>How a line says that a file was refused, or that it was answered with.</summary>
    public const string Refused = "refused", Answered = "answered";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60); // for one file

    /// <summary>Loads the files of [first, end).</summary>
    public static void Run(int first, int end)
    {
        string path = Path.Combine(Path.GetTempPath(), $"kvnorm-changed-{Environment.ProcessId}.gguf");
        try
        {
            for (int number = first; number < end; number++)
            {
                Say($"{number}");
                File.WriteAllBytes(path, ChangedModel.Bytes(number));
                using Timer hung = new(static _ => Environment.FailFast("A file takes too long."), null, Limit, Timeout.InfiniteTimeSpan);
                Say(Outcome(path));
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Outcome(string path)
    {
        try
        {
            using KvNormChatClient client = KvNormChatClient.Create(new KvNormChatOptions
            {
                ModelPath = path, KvCacheBudget = KvCacheBudget.FromCells(KvCacheBudget.MinimumCells), Threads = 1,
            });
            ChatOptions two = new() { Temperature = 0, MaxOutputTokens = 2 };
            client.GetResponseAsync("hello, word", two).GetAwaiter().GetResult();
            return Answered;
        }
        catch (Exception e) when (e is InvalidDataException or LlamaException or NotSupportedException or KvCacheBudgetException
            or ChatTemplateException)
        {
            return $"{Refused} {e.Message.ReplaceLineEndings(" ")}";
        }
        catch (Exception e)
        {
            return e.ToString().ReplaceLineEndings(" "); // of no kind that a caller is told of
        }
    }

    private static void Say(FormattableString line) => Say(line.ToString(CultureInfo.InvariantCulture));

    private static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
