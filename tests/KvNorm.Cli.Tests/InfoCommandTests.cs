using System.Text.Json;

namespace KvNorm.Cli.Tests;

public sealed class InfoCommandTests
{
    private static readonly string[] Fields =
    [
        "runtimeVersion", "backend", "devices", "threads", "modelPath", "description", "architecture", "parameters", "modelBytes",
        "trainedLength",
        "layers", "headsPerLayer", "keyLength", "valueLength", "cacheTypeK", "cacheTypeV", "bytesPerCell", "windowBytesPerCell",
        "mechanism", "mechanismReason", "archivedTokens",
        "budget", "cells", "memory", "budgets",
    ];

    [Fact]
    public async Task Info_Json_IsOneObjectWithTheFactsOfTheModel()
    {
        KvNormProgram.Result result = await KvNormProgram.RunAsync(["info", "--json"]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        using JsonDocument info = JsonDocument.Parse(result.Output);
        JsonElement root = info.RootElement;
        Assert.Equal(Fields, root.EnumerateObject().Select(field => field.Name), StringComparer.Ordinal);
        Assert.Equal("llama", root.GetProperty("architecture").GetString());
        Assert.Equal(30, root.GetProperty("layers").GetInt32());
        Assert.Equal(30, root.GetProperty("headsPerLayer").GetArrayLength());
        Assert.Equal(64, root.GetProperty("keyLength").GetInt32());
        Assert.Equal(8192, root.GetProperty("trainedLength").GetInt32());
        Assert.Equal("RewriteRows", root.GetProperty("mechanism").GetString());
        // 30 layers, 3 heads, keys and values of 64 halves.
        Assert.Equal(30 * 3 * 2 * 64 * 2, root.GetProperty("bytesPerCell").GetInt32());
        Assert.NotEmpty(root.GetProperty("devices").EnumerateArray());
        JsonElement small = root.GetProperty("budgets")[0];
        Assert.Equal(24, small.GetProperty("miB").GetInt32());
        Assert.Equal(1024, small.GetProperty("cells").GetInt32());
        Assert.False(small.GetProperty("limitedByTraining").GetBoolean());
        JsonElement budget = root.GetProperty("budgets").EnumerateArray().Single(static row => row.GetProperty("miB").GetInt32() == 256);
        Assert.Equal(8192, budget.GetProperty("cells").GetInt32());
        Assert.True(budget.GetProperty("limitedByTraining").GetBoolean());
    }

    [Fact]
    public async Task Info_Budget_SaysWhatTheModelTakesWithIt()
    {
        KvNormProgram.Result result = await KvNormProgram.RunAsync(["info", "--json", "--budget", "48MiB"]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        using JsonDocument info = JsonDocument.Parse(result.Output);
        JsonElement root = info.RootElement;
        Assert.Equal(("48 MiB", 2048), (root.GetProperty("budget").GetString(), root.GetProperty("cells").GetInt32()));
        (string?, long)[] memory = [.. root.GetProperty("memory").EnumerateArray().Select(
            static part => (part.GetProperty("purpose").GetString(), part.GetProperty("bytes").GetInt64()))];
        string[] purposes = ["Weights", "Cache", "Compute", "Eviction", "Archive"];
        Assert.Equal(purposes, memory.Select(static part => part.Item1), StringComparer.Ordinal);
        Assert.Equal(2048 * 23_040, memory[1].Item2);
        const int vocabulary = 49_152 * sizeof(ushort); // what is known of each token, whatever the budget
        Assert.InRange((memory[3].Item2 - vocabulary) / (2048.0 * 23_040), 1, 1.1);
        Assert.Equal((256 << 20) + (2048 * 2 / 3 * (23_040 + 4)), memory[4].Item2); // and rows on their way back, with their positions
    }

    [Fact]
    public async Task Info_CacheTypes_SaysWhatABudgetHoldsInThem()
    {
        KvNormProgram.Result result = await KvNormProgram.RunAsync(["info", "--json", "--cache-type-k", "q8_0", "--cache-type-v", "q4_0"]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        using JsonDocument info = JsonDocument.Parse(result.Output);
        JsonElement root = info.RootElement;
        Assert.Equal(("q8_0", "q4_0"), (root.GetProperty("cacheTypeK").GetString(), root.GetProperty("cacheTypeV").GetString()));
        Assert.Equal(30 * 3 * 2 * (34 + 18), root.GetProperty("bytesPerCell").GetInt32()); // two blocks of 32 elements a head
        Assert.Equal(2560, root.GetProperty("budgets")[0].GetProperty("cells").GetInt32());
    }

    [Fact]
    public async Task Info_Plain_NamesTheModel()
    {
        KvNormProgram.Result result = await KvNormProgram.RunAsync(["info"]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("8,192", result.Output, StringComparison.Ordinal);
        Assert.Contains("RewriteRows", result.Output, StringComparison.Ordinal);
        Assert.Contains("A budget of 24 MiB, one conversation at a time", result.Output, StringComparison.Ordinal);
        Assert.Contains("MiB, trained to 8,192 tokens", result.Output, StringComparison.Ordinal); // no line is broken in a pipe
    }
}
