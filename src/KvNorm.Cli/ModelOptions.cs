using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using LLama.Native;

namespace KvNorm.Cli;

/// <summary>The options that say which model runs with which budget and policy, for every command that runs one.</summary>
internal sealed class ModelOptions
{
    private const int MaximumThreads = 512; // of KvNormChatOptions.Threads

    private readonly Option<string?> _model = new("--model")
    {
        Description = "The GGUF file; the embedded model unless given.",
        HelpName = "PATH",
    };
    private readonly BudgetOptions _budget = new();
    private readonly CacheTypeOptions _types = new();
    private readonly Option<string> _policy = new("--policy")
    {
        CompletionSources = { static _ => EvictionPolicy.Names.Select(static name => new CompletionItem(name)) },
        Description = $"What stays when the cache is full: {string.Join(", ", EvictionPolicy.Names)}.",
        HelpName = "NAME",
        DefaultValueFactory = _ => EvictionPolicy.Salience.Name,
    };
    private readonly Option<EvictionGranularity?> _granularity = new("--granularity")
    {
        Description = "Who shares one set of kept rows: every head its own (default), the heads of a layer, or all.",
        HelpName = "head|layer|all",
    };
    private readonly Option<double> _keep = new("--keep")
    {
        Description = "Share of the cache that is in use after an eviction.",
        HelpName = "SHARE",
        DefaultValueFactory = _ => 0.5,
    };
    private readonly Option<double> _recent = new("--recent")
    {
        Description = "Share of the kept rows that goes to the most recent tokens.",
        HelpName = "SHARE",
        DefaultValueFactory = _ => EvictionPolicy.Salience.RecentWindow,
    };
    private readonly Option<string?> _archive = new("--archive")
    {
        Description = "Host memory for what was evicted, from where it is recalled, such as 1GiB (default 256MiB).",
        HelpName = "SIZE",
    };
    private readonly Option<string?> _archiveFolder = new("--archive-dir")
    {
        Description = "Folder of a file, up to 4 GiB, for what --archive cannot take.",
        HelpName = "PATH",
    };
    private readonly Option<bool> _noRecall = new("--no-recall") { Description = "What was evicted does not come back." };
    private readonly Option<int?> _seed = new("--seed") { Description = "Makes answers repeatable.", HelpName = "N" };
    private readonly Option<int?> _threads = new("--threads")
    {
        Description = "CPU threads (default: one per physical core).",
        HelpName = "N",
    };
    private readonly Option<int?> _gpuLayers = new("--gpu-layers")
    {
        Description = "Layers on the GPU (default: all that fit).",
        HelpName = "N",
    };

    private readonly Option<int> _mainGpu = new("--main-gpu")
    {
        Description = "The GPU that takes the whole model with --split-mode none.",
        HelpName = "N",
    };
    private readonly Option<GPUSplitMode?> _splitMode = new("--split-mode")
    {
        Description = "How several GPUs share the layers: none, layer, row or tensor (default: layer).",
        HelpName = "MODE",
    };
    private readonly Option<string?> _tensorSplit = new("--tensor-split")
    {
        Description = "What each GPU takes, in proportion (default: by the memory that is free).",
        HelpName = "3,1",
    };
    private readonly Option<bool> _noMmap = new("--no-mmap")
    {
        Description = "Read the model file instead of mapping it: it may then be changed while the program runs.",
    };

    public void AddTo(Command command)
    {
        command.Add(_model);
        _budget.AddTo(command);
        Option[] options =
        [
            _policy, _granularity, _keep, _recent, _archive, _archiveFolder, _noRecall, _seed,
            _threads, _gpuLayers, _mainGpu, _splitMode, _tensorSplit, _noMmap,
        ];
        foreach (Option option in options)
            command.Add(option);
        _types.AddTo(command);
    }

    public int? Seed(ParseResult parsed) => parsed.GetValue(_seed);

    public KvNormChatOptions Read(ParseResult parsed)
    {
        KvCacheBudget budget = _budget.Read(parsed);
        double keep = parsed.GetValue(_keep);
        if (!(keep > 0 && keep < 1))
            throw new ArgumentException($"--keep must be above 0 and below 1; it is {keep}.");
        double recent = parsed.GetValue(_recent);
        RequireRecent(recent);
        RequireThreads(parsed.GetValue(_threads));
        RequireAtLeast(parsed.GetValue(_gpuLayers), 0, "--gpu-layers");
        RequireAtLeast(parsed.GetValue(_mainGpu), 0, "--main-gpu");

        KvNormChatOptions options = new()
        {
            KvCacheBudget = budget with { LowMark = keep },
            Policy = EvictionPolicy.Named(parsed.GetValue(_policy)!) with
            {
                Granularity = parsed.GetValue(_granularity) ?? EvictionGranularity.Head,
                RecentWindow = recent,
                Seed = parsed.GetValue(_seed) ?? 0,
            },
            Recall = !parsed.GetValue(_noRecall),
            ArchiveFolder = parsed.GetValue(_archiveFolder),
            Threads = parsed.GetValue(_threads),
            GpuLayers = parsed.GetValue(_gpuLayers),
            MainGpu = parsed.GetValue(_mainGpu),
            SplitMode = parsed.GetValue(_splitMode),
            TensorSplit = parsed.GetValue(_tensorSplit) is { } split ? ReadProportions(split) : null,
            UseMemoryMapping = !parsed.GetValue(_noMmap),
        };
        options.ModelPath = ReadPath(parsed.GetValue(_model)) ?? options.ModelPath;
        _types.Apply(parsed, options);
        if (parsed.GetValue(_archive) is { } archive)
            options.ArchiveBytes = ReadMemory(archive, "--archive");
        return options;
    }

    /// <summary>Bytes of host memory; 0 for none.</summary>
    /// <exception cref="ArgumentException">The text says no such size.</exception>
    public static long ReadMemory(string size, string option)
    {
        if (size.Trim() == "0")
            return 0;
        try
        {
            if (KvCacheBudget.Parse(size).Bytes is { } bytes)
                return bytes;
        }
        catch (FormatException)
        {
            // Said below: it is no budget.
        }

        throw new ArgumentException($"{option} is memory, such as 1GiB, or 0 for none; it is '{size}'.");
    }

    private static float[] ReadProportions(string split) => [.. split.Split(',').Select(part =>
        float.TryParse(part, CultureInfo.InvariantCulture, out float share) && float.IsFinite(share) && share >= 0
            ? share
            : throw new ArgumentException($"--tensor-split is a number for each GPU, such as 3,1; it is '{split}'."))];

    public static void RequireRecent(double? window)
    {
        if (window is { } share && !(share >= 0 && share < 1))
            throw new ArgumentException($"--recent must be at least 0 and below 1; it is {share}.");
    }

    public static void RequireThreads(int? threads) => RequireWithin(threads, 1, MaximumThreads, "--threads");

    /// <summary>The path of a model; null where none is given.</summary>
    /// <exception cref="ArgumentException">It is empty.</exception>
    public static string? ReadPath(string? model) =>
        model is "" ? throw new ArgumentException("--model takes the path of a GGUF file; it is empty.") : model;

    public static void RequireWithin(int? value, int least, int most, string option)
    {
        if (value < least || value > most)
            throw new ArgumentException($"{option} must be from {least} to {most}; it is {value}.");
    }

    public static void RequireAtLeast(int? value, int least, string option)
    {
        if (value < least)
            throw new ArgumentException($"{option} must be at least {least}; it is {value}.");
    }
}
