namespace KvNorm.Jinja.Tests.Oracle;

/// <summary>A theory over the real templates: skipped where they have not been fetched.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealTemplatesTheoryAttribute : TheoryAttribute
{
    public RealTemplatesTheoryAttribute() => Skip = RealTemplates.WhyAbsent;
}
