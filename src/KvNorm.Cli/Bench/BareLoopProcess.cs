using System.Diagnostics;
using System.Reflection;
using LLama;
using LLama.Native;

namespace KvNorm.Cli.Bench;

/// <summary>
/// A <see cref="BareLoop"/> in a process of its own. Beside a client in one process both would be slower than they are: each has a team of
/// OpenMP threads there, and the two teams together have more threads than the machine has cores.
/// </summary>
internal sealed class BareLoopProcess : IDisposable
{
    /// <summary>The command that serves one, which is not in the help.</summary>
    public const string Command = "bare-loop";

    private readonly Process _process;

    /// <summary>Starts it; it loads the model while the caller goes on.</summary>
    public BareLoopProcess(BareLoopSettings settings)
    {
        ProcessStartInfo start =
            new(Environment.ProcessPath!) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(Assembly.GetEntryAssembly()!.Location);
        start.ArgumentList.Add(Command);
        start.ArgumentList.Add(Json.Write(settings));
        _process = Process.Start(start)!;
    }

    /// <inheritdoc cref="BareLoop.Run"/>
    public (TimeSpan Prefill, TimeSpan Decode) Run(IReadOnlyList<int> prompt, int held, int answer)
    {
        double[] seconds = Ask(new Request([0], prompt, held, answer));
        return (TimeSpan.FromSeconds(seconds[0]), TimeSpan.FromSeconds(seconds[1]));
    }

    /// <inheritdoc cref="BareLoop.Prefill"/>
    public void Prefill(int sequence, IReadOnlyList<int> prompt) => Ask(new Request([sequence], prompt, 0, 0));

    /// <inheritdoc cref="BareLoop.RunTogether"/>
    public TimeSpan RunTogether(IReadOnlyList<int> sequences, int position, int tokens) =>
        TimeSpan.FromSeconds(Ask(new Request(sequences, [], position, tokens))[0]);

    public void Dispose()
    {
        _process.StandardInput.Close(); // ends it
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>What such a process does: answers the requests on its standard input until that ends.</summary>
    public static void Serve(BareLoopSettings settings)
    {
        using LLamaWeights weights = ModelWeights.Load(settings.ModelPath);
        using BareLoop loop = new(weights, settings);
        while (Console.ReadLine() is { } line)
            Console.WriteLine(Json.Write(Answer(loop, Json.Read<Request>(line))));
    }

    private static double[] Answer(BareLoop loop, Request request)
    {
        LLamaToken[] prompt = [.. request.Prompt.Select(static token => (LLamaToken)token)];
        if (prompt.Length == 0)
            return [loop.RunTogether(request.Sequences, request.Position, request.Tokens).TotalSeconds];
        if (request.Tokens > 0)
        {
            (TimeSpan prefill, TimeSpan decode) = loop.Run(prompt, request.Position, request.Tokens);
            return [prefill.TotalSeconds, decode.TotalSeconds];
        }

        loop.Prefill(request.Sequences[0], prompt);
        return [];
    }

    private double[] Ask(Request request)
    {
        _process.StandardInput.WriteLine(Json.Write(request));
        string line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The process of the bare loop has ended.");
        return Json.Read<double[]>(line);
    }

    private sealed record Request(IReadOnlyList<int> Sequences, IReadOnlyList<int> Prompt, int Position, int Tokens);
}
