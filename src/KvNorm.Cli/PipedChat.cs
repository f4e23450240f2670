using System.Text;
using Microsoft.Extensions.AI;

namespace KvNorm.Cli;

/// <summary>Messages from standard input, one a line; blank lines are no messages.</summary>
internal static class PipedChat
{
    public static async Task<int> RunAsync(KvNormChatOptions options, ChatOptions chat, bool json, CancellationToken cancellationToken)
    {
        using StreamReader input = new(Console.OpenStandardInput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        await using StreamWriter output = new(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
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

        return 0;

        void Show(string text)
        {
            if (json)
                return;
            output.Write(Console.IsOutputRedirected ? text : TerminalChat.Printable(text));
            output.Flush();
        }
    }
}
