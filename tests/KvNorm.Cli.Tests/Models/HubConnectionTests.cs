using KvNorm.Cli.Models;

namespace KvNorm.Cli.Tests.Models;

public sealed class HubConnectionTests
{
    [Theory]
    [InlineData("https://huggingface.co", "https://cdn.example.org/file", true)]
    [InlineData("https://huggingface.co", "http://huggingface.co/file", false)]
    [InlineData("https://huggingface.co", "http://127.0.0.1/file", false)]
    [InlineData("https://huggingface.co", "file:///etc/passwd", false)]
    [InlineData("http://127.0.0.1:8000", "http://localhost:9000/file", true)]
    [InlineData("http://127.0.0.1:8000", "http://example.org/file", false)]
    public void Allows_Address_OnlyWhatIsEncryptedOrStaysHere(string endpoint, string address, bool expected)
    {
        using HubConnection connection = new(endpoint, null);
        Assert.Equal(expected, connection.Allows(new Uri(address)));
    }

    [Theory]
    [InlineData("http://huggingface.co", null)]
    [InlineData("huggingface.co", null)]
    [InlineData("https://user:secret@huggingface.co", null)]
    [InlineData("https://huggingface.co", "secret\nX: y")]
    [InlineData("https://huggingface.co", "secrét")]
    public void Constructor_WhatCannotBe_IsRefusedWithoutShowingIt(string endpoint, string? token)
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => new HubConnection(endpoint, token));
        Assert.DoesNotContain("secr", exception.Message, StringComparison.Ordinal);
    }
}
