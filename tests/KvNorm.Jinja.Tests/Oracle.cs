using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace KvNorm.Tests.Jinja;

/// <summary>What the oracle is asked to render.</summary>
/// <param name="Template">The template.</param>
/// <param name="Variables">Its variables, as JSON.</param>
internal sealed record OracleCase(string Template, string Variables);

/// <summary>What it rendered, or its error.</summary>
internal sealed record OracleResult(string? Text, string? Error);

/// <summary>@huggingface/jinja, run by node over many cases at a time, and the real templates.</summary>
internal static class Oracle
{
    /// <summary>The moment strftime_now gives on both sides.</summary>
    public static readonly DateTimeOffset Now = new(2026, 7, 4, 12, 34, 56, TimeSpan.Zero);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The folder tests/oracle.</summary>
    public static string Folder { get; } = FindFolder();

    /// <summary>The real templates by name.</summary>
    public static IReadOnlyDictionary<string, string> Templates { get; } = ReadTemplates();

    public static IReadOnlyList<OracleResult> Render(IReadOnlyList<OracleCase> cases)
    {
        DirectoryInfo work = Directory.CreateTempSubdirectory("kvnorm-oracle-");
        try
        {
            string input = Path.Combine(work.FullName, "cases.json"), output = Path.Combine(work.FullName, "results.json");
            File.WriteAllText(input, Write(cases));
            RunNode(input, output);
            return [.. JsonNode.Parse(File.ReadAllText(output))!.AsArray().Select(result => new OracleResult((string?)result!["text"], (string?)result["error"]))];
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private static string Write(IEnumerable<OracleCase> cases) => new JsonObject
    {
        ["now"] = Now.UtcDateTime.ToString("o"),
        ["cases"] = new JsonArray([.. cases.Select(item => new JsonObject { ["template"] = item.Template, ["variables"] = JsonNode.Parse(item.Variables) })]),
    }.ToJsonString();

    private static void RunNode(string input, string output)
    {
        ProcessStartInfo start = new("node", [Path.Combine(Folder, "render.mjs"), input, output]) { WorkingDirectory = Folder, UseShellExecute = false, RedirectStandardError = true };
        start.Environment["TZ"] = "UTC";
        using Process node = Start(start);
        Task<string> errors = node.StandardError.ReadToEndAsync();
        if (!node.WaitForExit(Patience))
        {
            node.Kill();
            throw new InvalidOperationException("node did not answer.");
        }

        if (node.ExitCode != 0)
            throw new InvalidOperationException($"The oracle failed; is it restored? Run 'npm ci' in {Folder}. It said: {errors.GetAwaiter().GetResult()}");
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException("The tests of chat templates compare with @huggingface/jinja, which node runs: install Node.js 20 or newer.", missing);
        }
    }

    private static SortedDictionary<string, string> ReadTemplates()
    {
        string folder = Path.Combine(Folder, "obj", "templates");
        if (!Directory.Exists(folder))
            throw new InvalidOperationException($"The real chat templates are not there: run 'npm ci' and 'node restore.mjs' in {Folder} (needs Node.js 20, npm, git and tar).");
        SortedDictionary<string, string> templates = new(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(folder, "*.jinja"))
            templates.Add(Path.GetFileNameWithoutExtension(file), File.ReadAllText(file));
        return templates;
    }

    private static string FindFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "tests", "oracle");
            if (File.Exists(Path.Combine(candidate, "render.mjs")))
                return candidate;
        }

        throw new InvalidOperationException("The folder tests/oracle was not found above the tests.");
    }
}
