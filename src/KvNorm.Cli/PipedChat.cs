using System.Text;

namespace KvNorm.Cli;

/// <summary>Messages from standard input, one a line; blank lines are no messages.</summary>
internal static class PipedChat
{
    public static async Task<int> RunAsync(ChatArguments arguments, bool json, CancellationToken cancellationToken)
    {
        try
        {
            await ConverseAsync(arguments, json, cancellationToken);
            return 0;
        }
        catch (IOException e) when (StandardOutput.IsClosed(e))
        {
            return StandardOutput.ClosedExitCode; // as with head: it has read what it wanted
        }
    }

    private static async Task ConverseAsync(ChatArguments arguments, bool json, CancellationToken cancellationToken)
    {
        using StreamReader input = new(OpenInput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        await using StreamWriter output = new(StandardOutput.Open(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        using KvNormChatClient client = KvNormChatClient.Create(arguments.Model, cancellationToken: cancellationToken);
        if (BudgetNote.Of(arguments.Model.KvCacheBudget, client.ModelFacts, client.Statistics.Capacity) is { } note)
            await Console.Error.WriteLineAsync($"kvnorm: {note}");
        ChatSession session = new(client, arguments.Sampling, arguments.System);
        foreach (AttachedFile file in arguments.Files)
            session.Attach(file);
        while (await ReadLineAsync(input, cancellationToken) is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            try
            {
                TurnReport report = await session.SendAsync(line, Show, cancellationToken);
                await output.WriteLineAsync(json ? Json.Write(report) : "");
            }
            catch (OperationCanceledException) when (!json)
            {
                await output.WriteLineAsync(); // what there is of the answer is a line, too
                throw;
            }

            await output.FlushAsync(CancellationToken.None); // a line is written whole
        }

        void Show(string text)
        {
            if (json)
                return;
            output.Write(Console.IsOutputRedirected ? text : TerminalChat.Printable(text));
            output.Flush();
        }
    }

    private static Stream OpenInput() =>
        StandardDescriptor.IsMissing(StandardDescriptor.Input) ? Stream.Null : Console.OpenStandardInput();

    // A read that has begun cannot be cancelled; the end of the program ends it.
    private static Task<string?> ReadLineAsync(StreamReader input, CancellationToken cancellationToken) =>
        input.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(cancellationToken);
}
