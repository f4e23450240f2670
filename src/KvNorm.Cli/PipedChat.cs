using System.Text;
using Microsoft.Extensions.AI;

namespace KvNorm.Cli;

/// <summary>Messages from standard input, one a line; blank lines are no messages.</summary>
internal static class PipedChat
{
    public static async Task<int> RunAsync(KvNormChatOptions options, ChatOptions chat, bool json, CancellationToken cancellationToken)
    {
        try
        {
            await ConverseAsync(options, chat, json, cancellationToken);
            return 0;
        }
        catch (IOException e) when (StandardOutput.IsClosed(e))
        {
            return StandardOutput.ClosedExitCode; // as with head: it has read what it wanted
        }
    }

    private static async Task ConverseAsync(KvNormChatOptions options, ChatOptions chat, bool json, CancellationToken cancellationToken)
    {
        using StreamReader input = new(Console.OpenStandardInput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        await using StreamWriter output = new(StandardOutput.Open(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        using KvNormChatClient client = KvNormChatClient.Create(options, cancellationToken: cancellationToken);
        ChatSession session = new(client, chat);
        while (await input.ReadLineAsync(cancellationToken) is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            TurnReport report = await session.SendAsync(line, Show, cancellationToken);
            await output.WriteLineAsync(json ? Json.Write(report) : "");
            await output.FlushAsync(cancellationToken);
        }

        void Show(string text)
        {
            if (json)
                return;
            output.Write(Console.IsOutputRedirected ? text : TerminalChat.Printable(text));
            output.Flush();
        }
    }
}
