using System.CommandLine;
using Spectre.Console;

namespace KvNorm.Cli;

/// <summary>`kvnorm info`: what was found and what a budget gives.</summary>
internal static class InfoCommand
{
    private static readonly int[] BudgetsMiB = [24, 48, 256, 512, 1024, 2048, 4096];

    public static Command Create()
    {
        Option<string?> model = new("--model") { Description = "The GGUF file; the embedded model unless given.", HelpName = "PATH" };
        BudgetOptions budget = new();
        CacheTypeOptions types = new();
        Option<bool> json = new("--json") { Description = "One JSON object." };
        Command command = new("info", "Show the libraries, the devices, the model, its memory, and how many tokens a budget gives.")
        {
            model,
            json,
        };
        budget.AddTo(command);
        types.AddTo(command);
        command.SetAction(parsed =>
        {
            KvNormChatOptions options = new() { KvCacheBudget = budget.Read(parsed) };
            options.ModelPath = parsed.GetValue(model) ?? options.ModelPath;
            types.Apply(parsed, options);
            ModelInfo info = Collect(options);
            if (parsed.GetValue(json))
                Console.WriteLine(Json.WriteIndented(info));
            else
                Show(info);
        });
        return command;
    }

    private static ModelInfo Collect(KvNormChatOptions options)
    {
        KvNormRuntimeFacts runtime = KvNormRuntimeFacts.Get();
        using KvNormChatClient client = KvNormChatClient.Create(options);
        KvNormModelFacts model = client.ModelFacts;
        return new ModelInfo(
            runtime.LlamaSharpVersion,
            runtime.Backend,
            [.. runtime.Devices.Select(static device => $"{device.Name}: {device.Description}")],
            runtime.DefaultThreads,
            options.ModelPath,
            model.Description,
            model.Architecture,
            model.Parameters,
            model.Bytes,
            model.TrainedLength,
            model.Layers,
            model.KeyValueHeads,
            model.KeyLength,
            model.ValueLength,
            CacheTypeOptions.Name(model.CacheTypeK),
            CacheTypeOptions.Name(model.CacheTypeV),
            model.BytesPerCell,
            model.WindowBytesPerCell,
            model.Mechanism.ToString(),
            model.MechanismReason,
            ArchivedTokens(model),
            options.KvCacheBudget.ToString(),
            client.Statistics.Capacity,
            [.. client.GetMemory().Select(static memory => new MemoryInfo(memory.Device, $"{memory.Purpose}", memory.Bytes))],
            [.. BudgetsMiB.Select(mebibytes => Budget(mebibytes, model))]);
    }

    private static long ArchivedTokens(KvNormModelFacts model) =>
        model.Mechanism == EvictionMechanism.RemoveCells ? 0 : new KvNormChatOptions().ArchiveBytes / model.BytesPerCell;

    private static string Archive(ModelInfo info) =>
        $"{new KvNormChatOptions().ArchiveBytes >> 20} MiB of host memory unless --archive says otherwise: some {info.ArchivedTokens:N0} "
        + "tokens that can be recalled once they are evicted";

    private static BudgetInfo Budget(int mebibytes, KvNormModelFacts model)
    {
        try
        {
            int cells = KvCacheBudget.FromMebibytes(mebibytes).GetCells(model);
            return new BudgetInfo(mebibytes, cells, cells == model.TrainedLength);
        }
        catch (KvCacheBudgetException)
        {
            return new BudgetInfo(mebibytes, 0, false);
        }
    }

    private static void Show(ModelInfo info)
    {
        Grid grid = new();
        grid.AddColumn(new GridColumn().NoWrap());
        grid.AddColumn();
        Row("LLamaSharp", $"{info.RuntimeVersion}, backend {info.Backend}");
        foreach (string device in info.Devices)
            Row("device", device);
        Row("threads", $"{info.Threads}");
        Row("model", info.ModelPath);
        Row(
            "",
            $"{info.Description}, {info.Parameters / 1e6:0} million parameters, {info.ModelBytes / (double)(1 << 20):0.#} MiB, trained to "
            + $"{info.TrainedLength:N0} tokens");
        Row(
            "cache",
            $"{info.Layers} layers, {Heads(info.HeadsPerLayer)} KV heads, keys of {info.KeyLength} elements in {info.CacheTypeK} and "
            + $"values of {info.ValueLength} in {info.CacheTypeV}");
        string window = info.WindowBytesPerCell > 0 ? $", and {info.WindowBytesPerCell:N0} for each of the latest ones" : "";
        Row("", $"{info.BytesPerCell:N0} bytes per cell (one token){window}");
        Row("eviction", $"{info.Mechanism}: {info.MechanismReason}");
        Row("archive", info.ArchivedTokens == 0 ? "none: what a message asks for is prefilled again from its text" : Archive(info));
        AnsiConsole.Write(grid);
        ShowMemory(info);
        ShowBudgets(info);

        void Row(string name, string value) => grid.AddRow(new Text(name, new Style(decoration: Decoration.Bold)), new Text(value));
    }

    private static void ShowMemory(ModelInfo info)
    {
        Table table = new Table().AddColumns($"A budget of {info.Budget}, one conversation at a time", "")
            .AddColumn(new TableColumn("MiB").RightAligned());
        foreach (MemoryInfo memory in info.Memory)
            table.AddRow(new Text(Describe(memory.Purpose, info)), new Text(memory.Device), new Text(MiB(memory.Bytes)));
        table.AddRow("at most, beside the program itself", "", MiB(info.Memory.Sum(static memory => memory.Bytes)));
        AnsiConsole.Write(table);

        static string MiB(long bytes) => $"{bytes / (double)(1 << 20):N1}";
    }

    private static string Describe(string purpose, ModelInfo info) => purpose switch
    {
        nameof(KvNormMemoryPurpose.Weights) => "weights",
        nameof(KvNormMemoryPurpose.Cache) => $"KV cache, {info.Cells:N0} cells",
        nameof(KvNormMemoryPurpose.Compute) => "decoding",
        nameof(KvNormMemoryPurpose.Eviction) => "evictions, from the first one on",
        nameof(KvNormMemoryPurpose.Archive) => "archive of what was evicted, as it fills",
        _ => "conversations outside of the slots",
    };

    private static void ShowBudgets(ModelInfo info)
    {
        Table table = new Table().AddColumn("Budget").AddColumn(new TableColumn("Tokens held").RightAligned()).AddColumn("");
        foreach (BudgetInfo budget in info.Budgets)
            table.AddRow(
                $"{budget.MiB} MiB",
                budget.Cells == 0 ? "too small" : $"{budget.Cells:N0}",
                budget.LimitedByTraining ? "all the model was trained for" : "");
        AnsiConsole.Write(table);
    }

    private static string Heads(IReadOnlyList<int> heads) =>
        heads.Count == 0 ? "unknown" : string.Join(" or ", heads.Distinct());

    private sealed record ModelInfo(
        string RuntimeVersion,
        string Backend,
        IReadOnlyList<string> Devices,
        int Threads,
        string ModelPath,
        string Description,
        string Architecture,
        long Parameters,
        long ModelBytes,
        int TrainedLength,
        int Layers,
        IReadOnlyList<int> HeadsPerLayer,
        int KeyLength,
        int ValueLength,
        string CacheTypeK,
        string CacheTypeV,
        long BytesPerCell,
        long WindowBytesPerCell,
        string Mechanism,
        string MechanismReason,
        long ArchivedTokens,
        string Budget,
        int Cells,
        IReadOnlyList<MemoryInfo> Memory,
        IReadOnlyList<BudgetInfo> Budgets);

    private sealed record MemoryInfo(string Device, string Purpose, long Bytes);

    private sealed record BudgetInfo(int MiB, int Cells, bool LimitedByTraining);
}
