namespace KvNorm.Server.Tests.Pages;

/// <summary>Tests of the page in a browser: skipped where Chromium is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumTheoryAttribute : TheoryAttribute
{
    public ChromiumTheoryAttribute() => Skip = new ChromiumFactAttribute().Skip;
}
