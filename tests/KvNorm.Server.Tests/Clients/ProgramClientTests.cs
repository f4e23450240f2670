using System.Diagnostics;
using System.Text.Json;

namespace KvNorm.Server.Tests.Clients;

/// <summary>Clients that are programs of their own.</summary>
public sealed class ProgramClientTests(ClientServer server) : IClassFixture<ClientServer>
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "KvNorm.Server.Tests", "Clients", "node");

    [ProgramFact("node")]
    public async Task OpenAIPackageOfNode_ChatModelsToolsAndErrors_AreUnderstood()
    {
        if (!File.Exists(Path.Combine(Folder, "node_modules", "openai", "package.json")))
            await RunAsync("npm", "ci", "--silent");
        JsonElement result = JsonElement.Parse(await RunAsync("node", "client.mjs", server.Server.Address.ToString(), ClientServer.Model));
        Assert.Equal(ClientServer.Model, result.GetProperty("models")[0].GetString());
        Assert.NotEmpty(result.GetProperty("whole").GetString()!);
        Assert.Equal(result.GetProperty("whole").GetString(), result.GetProperty("streamed").GetString());
        Assert.Equal(6, result.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.NotEmpty(result.GetProperty("response").GetString()!);
        Assert.True(result.GetProperty("next").GetBoolean());
        Assert.Equal("get_time", result.GetProperty("call").GetProperty("name").GetString());
        Assert.Equal("""{"isNotFound":true,"code":"model_not_found","param":"model"}""", result.GetProperty("error").GetRawText());
    }

    [ProgramFact("curl")]
    public async Task Curl_Stream_IsReadLineByLine()
    {
        string text = await RunAsync(
            "curl", "--silent", "--no-buffer", "--fail", "--json",
            """{"stream":true,"temperature":0,"max_tokens":4,"messages":[{"role":"user","content":"hello"}]}""",
            new Uri(server.Server.Address, "/v1/chat/completions").ToString());
        string[] lines = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", lines[^1]);
        Assert.All(lines[..^1], static line => Assert.Equal(
            "chat.completion.chunk", JsonElement.Parse(line["data: ".Length..]).GetProperty("object").GetString()));
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await errors} {await output}");
        return await output;
    }
}
