using System.Globalization;
using System.Text;
using System.Xml.Linq;
using KvNorm.Chat.Dialects;
using KvNorm.Chat.Prompts;
using KvNorm.Grammars;
using KvNorm.Tests.Chat.Prompts;

namespace KvNorm.Tests.Documents;

/// <summary>The parts of docs/compatibility.md that are found out rather than written. Each stands between two marks there.</summary>
internal static class CompatibilityDocument
{
    private static readonly (string Package, string What)[] Frameworks =
    [
        ("Microsoft.Extensions.AI", "the client's contract, also through function invocation, OpenTelemetry, caching, chat reducers"),
        ("Microsoft.Extensions.AI.Evaluation", "a judge that asks for JSON"),
        ("Microsoft.SemanticKernel", "kernels, prompt files, plugins, filters, reducers, `IChatCompletionService`"),
        ("Microsoft.Agents.AI", "agents, sessions kept and resumed"),
        ("Microsoft.Agents.AI.Workflows", "several agents in turn"),
        ("ModelContextProtocol", "tools of an MCP server"),
        ("LLamaSharp", "the runtime; this version only"),
    ];

    /// <summary>Every template, its dialect, and what is done to conversations for it.</summary>
    public static string Templates()
    {
        StringBuilder table = new("| template | calls | reasoning | what is done to conversations |\n|---|---|---|---|\n");
        foreach (string name in ChatTemplates.All)
        {
            Dialect dialect = new(ChatTemplates.Source(name), []);
            IEnumerable<string> remedies = TemplateNeeds.All
                .Select(need => (need.Name, Remedy: Remedy(need, ChatTemplates.Named(name).Plan(tools: true))))
                .Where(static row => row.Remedy != TemplatePlan.AsIs)
                .Select(static row => $"{row.Name}: {row.Remedy}");
            string calls = dialect.RendersTools ? dialect.ToolCalls.Name : "generic";
            string reasoning = dialect.Reasoning is { } format ? $"`{format.Start}`" : "";
            Row(table, name, calls, reasoning, string.Join("; ", remedies));
        }

        return table.ToString();
    }

    /// <summary>Every keyword of a schema, and how far a grammar holds it.</summary>
    public static string Keywords()
    {
        StringBuilder table = new("| keyword | support | |\n|---|---|---|\n");
        foreach (Keyword keyword in Keyword.All.Where(static keyword => keyword.Support != KeywordSupport.Annotation))
            Row(table, $"`{keyword.Name}`", Support(keyword.Support), keyword.Note);
        IEnumerable<string> others = Keyword.All.Where(static keyword => keyword.Support == KeywordSupport.Annotation)
            .Select(static keyword => $"`{keyword.Name}`");
        return table.Append(CultureInfo.InvariantCulture, $"\nOf no effect on values: {string.Join(", ", others)}.\n").ToString();
    }

    /// <summary>The frameworks that the tests run, by version.</summary>
    public static string Versions()
    {
        Dictionary<string, string> versions = XDocument.Load(Repository.PathOf("Directory.Packages.props"))
            .Descendants("PackageVersion")
            .ToDictionary(
                static item => (string)item.Attribute("Include")!,
                static item => (string)item.Attribute("Version")!,
                StringComparer.Ordinal);
        StringBuilder table = new("| package | version | what is tested |\n|---|---|---|\n");
        foreach ((string package, string what) in Frameworks)
            Row(table, package, versions[package].Trim('[', ']'), what);
        return table.ToString();
    }

    // A template that has no place for thoughts leaves them out, which is right; texts are never left out.
    private static string Remedy(TemplateNeed need, TemplatePlan plan) =>
        need.WritesThoughts && plan.Remedies[need.Name] == TemplatePlan.Nothing ? "left out" : plan.Remedies[need.Name];

    private static string Support(KeywordSupport support) => support switch
    {
        KeywordSupport.Held => "held",
        KeywordSupport.InPart => "in part",
        _ => "left open, and logged once by place",
    };

    private static void Row(StringBuilder table, params string[] cells) =>
        table.Append("| ")
            .AppendJoin(" | ", cells.Select(static cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))
            .Append(" |\n");
}
