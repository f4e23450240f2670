using System.Reflection;

namespace KvNorm.Server.Tests;

/// <summary>Where the tests were built.</summary>
internal static class Repository
{
    public static readonly string Root = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static data => data.Key == "RepositoryRoot").Value!;
}
