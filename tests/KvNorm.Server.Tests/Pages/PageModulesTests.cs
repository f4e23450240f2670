using System.Diagnostics;
using KvNorm.Server.Tests.Clients;

namespace KvNorm.Server.Tests.Pages;

/// <summary>The tests of the page's modules that need no browser, by Node.js's own runner.</summary>
public sealed class PageModulesTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "KvNorm.Server.Tests", "Pages", "Modules");

    [ProgramFact("node")]
    public async Task Modules_TheirTests_Pass()
    {
        string[] files = Directory.GetFiles(Folder, "*.test.mjs");
        Assert.NotEmpty(files);
        using Process node = Process.Start(new ProcessStartInfo("node", ["--test", .. files])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        Task<string> output = node.StandardOutput.ReadToEndAsync(), errors = node.StandardError.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, $"{await output}\n{await errors}");
    }
}
