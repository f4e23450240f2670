using KvNorm.Runtime;

namespace KvNorm.Tests.Runtime;

public sealed class LlamaLibraryTests
{
    [Theory]
    [InlineData("{\"targets\":{\"net10.0\":{\"LLamaSharp/0.31.2-beta\":{}}}}", "0.31.2-beta")]
    [InlineData("{\"targets\":{\"net10.0\":{\"LLamaSharp.Backend.Cpu/0.30.0\":{}}}}", "unknown")]
    [InlineData("", "unknown")]
    public void FindVersion_ListOfPackages_IsLLamaSharps(string content, string expected)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("application.deps.json", System.Text.Encoding.UTF8.GetBytes(content));
        Assert.Equal(expected, LlamaLibrary.FindVersion($"/no/such/file;{path}"));
    }

    [Fact]
    public void Devices_OfTheLoadedLibrary_HaveNameAndDescription()
    {
        LlamaLibrary.EnsureLoaded();
        Assert.Contains(LlamaLibrary.Devices(), static device => device.Name == "CPU" && device.Description.Length > 0);
        Assert.StartsWith("Cpu", LlamaLibrary.Backend, StringComparison.Ordinal);
    }
}
