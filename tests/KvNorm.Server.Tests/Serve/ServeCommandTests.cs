using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using KvNorm.Cli;
using KvNorm.Cli.Serve;
using KvNorm.Tests.Gguf;
using Microsoft.AspNetCore.Builder;

namespace KvNorm.Server.Tests.Serve;

/// <summary>What the options of `kvnorm serve` come to.</summary>
public sealed class ServeCommandTests
{
    [Fact]
    public void Read_NoOptions_IsTheEmbeddedModelOnTheLoopback()
    {
        (ServeSettings settings, KvNormServerOptions options) = Read();
        Assert.Equal(("127.0.0.1", 8080), (settings.Address.ToString(), settings.Port));
        Assert.Equal(new KvNormChatOptions().ModelPath, Assert.Single(options.Models).ModelPath);
        Assert.Null(options.ConversationFolder);
        Assert.Empty(settings.Origins);
    }

    [Fact]
    public void Read_SeveralModels_AllHaveTheBudgetAndTheSlots()
    {
        string path = TinyModel.Write(), other = new KvNormChatOptions().ModelPath;
        (ServeSettings settings, KvNormServerOptions options) = Read(
            "--model", path, "--model", other, "--parallel", "4", "--kv-unified", "--budget", "8MiB", "--port", "0",
            "--cors", "https://a.example");
        Assert.Equal<string>([path, other], [.. options.Models.Select(static model => model.ModelPath)]);
        Assert.All(
            options.Models,
            static model => Assert.Equal((4, true, 8L << 20), (model.Slots, model.UnifiedCache, model.KvCacheBudget.Bytes)));
        Assert.Equal("https://a.example", Assert.Single(settings.Origins));
    }

    [Fact]
    public void Read_MaxTokensAndSeed_HoldWhereARequestSetsNone()
    {
        KvNormChatOptions model = Assert.Single(Read("--max-tokens", "5000", "--seed", "-7").Options.Models);
        Assert.Equal((5000, unchecked((uint)-7), -7), (model.MaxOutputTokens, model.Sampling.Seed, model.Policy.Seed));
        KvNormChatOptions unset = new(), plain = Assert.Single(Read().Options.Models);
        Assert.Equal((unset.MaxOutputTokens, null), (plain.MaxOutputTokens, plain.Sampling.Seed));
    }

    [Theory]
    [InlineData("it needs a key", "--host", "0.0.0.0")]
    [InlineData("it needs a key", "--host", "::")]
    [InlineData("must be an IP address", "--host", "example.org")]
    [InlineData("--port must be", "--port", "70000")]
    [InlineData("--parallel must be", "--parallel", "0")]
    [InlineData("--max-tokens must be", "--max-tokens", "0")]
    [InlineData("no model file", "--model", "missing.gguf")]
    [InlineData("--cors takes an origin", "--cors", "a.example")]
    [InlineData("--cors takes an origin", "--cors", "https://a.example/page")]
    [InlineData("--cors takes an origin", "--cors", "*")]
    public void Read_WrongOptions_AreRefused(string reason, params string[] arguments)
    {
        Exception refusal = Assert.ThrowsAny<Exception>(() => Read(arguments));
        Assert.True(UserErrors.IsExpected(refusal));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FolderForConversations_IsMadeOrRefusedAtOnce()
    {
        string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), inside = Path.Combine(folder, "saved");
        try
        {
            Assert.Equal(inside, Read("--conversations", inside).Options.ConversationFolder);
            Assert.True(Directory.Exists(inside));
            string file = Path.Combine(folder, "file");
            File.WriteAllText(file, "");
            Assert.ThrowsAny<IOException>(() => Read("--conversations", Path.Combine(file, "saved")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Read_AnotherAddressWithAKey_IsServed()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, " secret \n");
            (ServeSettings settings, KvNormServerOptions options) = Read("--host", "0.0.0.0", "--api-key-file", file);
            Assert.Equal(("0.0.0.0", "secret"), (settings.Address.ToString(), options.ApiKey));
            File.WriteAllText(file, "\n");
            Assert.Throws<ArgumentException>(() => Read("--api-key-file", file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(" ", null)]
    [InlineData("key\n", "key")]
    public void ApiKey_Variable_IsReadWithoutWhiteSpace(string? variable, string? key) =>
        Assert.Equal(key, ServeCommand.ApiKey(null, variable));

    [Theory]
    [InlineData("127.0.0.1", "--port takes another")]
    [InlineData("192.0.2.1", "Nothing can listen on 192.0.2.1")] // an address that no machine has
    public async Task StartAsync_PlaceThatCannotBeHad_SaysSoInASentence(string address, string reason)
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        ServeSettings settings = new(IPAddress.Parse(address), port, [], static options => options.Models.Add(TinyServer.Options()));
        await using WebApplication app = ServeHost.Build(settings);
        IOException refusal = await Assert.ThrowsAsync<IOException>(() => ServeCommand.StartAsync(app, settings));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    private static (ServeSettings Settings, KvNormServerOptions Options) Read(params string[] arguments)
    {
        ServeCommand serve = new();
        ServeSettings settings = serve.Read(serve.Build().Parse(arguments));
        KvNormServerOptions options = new();
        settings.Configure(options);
        return (settings, options);
    }
}
