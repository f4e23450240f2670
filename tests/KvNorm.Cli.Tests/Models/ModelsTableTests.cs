using System.Text;
using KvNorm.Cli.Models;
using KvNorm.Tests.Gguf;
using KvNorm.Tests.Runtime;

namespace KvNorm.Cli.Tests.Models;

public sealed class ModelsTableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Write_NamesOfStrangers_HaveNothingThatSteersTheTerminal()
    {
        GgufWriter writer = new();
        writer.Add("general.architecture", "\u001B[2Ja\r\nb\t[red]");
        string shown = Shown(FoundModel.Read("kvnorm", _folder.Write("x.gguf", writer.ToArray())));
        Assert.DoesNotContain('\u001B', shown);
        Assert.Contains("\uFFFD[2Ja b [red]", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Model_SaysWhatItIs()
    {
        string shown = Shown(new FoundModel("llama.cpp", "/models/x.gguf", 3L << 30, "qwen2", "Q4_K_M", 32768, null));
        Assert.All(
            ["llama.cpp", "/models/x.gguf", "3 GiB", "qwen2", "Q4_K_M", "32,768"],
            cell => Assert.Contains(cell, shown, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "invalid")]
    [InlineData("<html>", "invalid")]
    [InlineData(null, "missing")]
    public void Write_WhatIsNoModel_SaysWhyInAWord(string? content, string word)
    {
        string path = content is null
            ? Path.Combine(_folder.Path, "missing.gguf")
            : _folder.Write("x.gguf", Encoding.ASCII.GetBytes(content));
        FoundModel found = FoundModel.Read("kvnorm", path);
        Assert.Equal((word, null), (found.Problem, found.Bytes));
        Assert.Contains(word, Shown(found), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_SeveralModels_StandInColumns()
    {
        string[] lines = Shown(
            new FoundModel("kvnorm", "/a", 1 << 20, "llama", "F16", 2048, null),
            new FoundModel("LM Studio", "/b", null, null, null, null, "invalid"))
            .TrimEnd().Split(Environment.NewLine);
        Assert.Equal(
            [
                "Of          Size  Family   Quantisation  Trained to  File",
                "kvnorm     1 MiB  llama    F16                2,048  /a",
                "LM Studio         invalid                            /b",
            ],
            lines);
    }

    public void Dispose() => _folder.Dispose();

    private static string Shown(params FoundModel[] models)
    {
        using StringWriter output = new();
        ModelsTable.Write(models, output);
        return output.ToString();
    }
}
