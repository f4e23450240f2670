using KvNorm.Tests.Gguf;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KvNorm.Server.Tests.Pages;

/// <summary>The page of a server with several models.</summary>
[Collection(BrowserTests.Name)]
public sealed class PageModelsTests(Browser browser) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kvnorm-page-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ChromiumFact]
    public async Task Page_SeveralModels_AsksTheChosenOneAndShowsItsMemory()
    {
        await using RunningServer server = await RunningServer.StartAsync(options =>
        {
            options.Models.Add(ModelOptions("one"));
            options.Models.Add(ModelOptions("two"));
        });
        await using OpenPage open = await browser.OpenAsync(server);
        ILocator choice = open.Page.GetByLabel("Model"), absence = open.Page.GetByText("This model is loaded when you send it a message.");
        await Expect(choice).ToHaveValueAsync("one");
        await Expect(open.Page.Locator(".cells")).ToContainTextAsync("0 of 256 cells");
        await choice.SelectOptionAsync("two");
        await Expect(absence).ToBeVisibleAsync();
        await open.AskAsync("hello");
        await Expect(absence).ToBeHiddenAsync();
        await Expect(open.Page.Locator(".shares .own")).ToHaveCountAsync(1);
        await Expect(open.Page.Locator(".tokens")).ToContainTextAsync("hello");

        await open.Page.ReloadAsync(); // the first model is not loaded any more, and the second one still chosen
        await Expect(open.Page.Locator("#status")).ToHaveTextAsync("Ready");
        await Expect(choice).ToHaveValueAsync("two");
        await Expect(open.Page.Locator(".tokens")).ToContainTextAsync("hello");
    }

    private KvNormChatOptions ModelOptions(string name)
    {
        KvNormChatOptions options = TinyServer.Options(Path.Combine(_folder, name + ".gguf"));
        options.MaxOutputTokens = 8;
        File.Copy(TinyModel.Write(), options.ModelPath!);
        return options;
    }
}
