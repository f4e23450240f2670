namespace KvNorm.Server.Tests.Pages;

/// <summary>A test of the page in a browser: skipped where Chromium is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute() =>
        Skip = Browser.Chromium is null ? "Chromium is not installed: 'apt-get install chromium', for instance, has it." : null;
}
