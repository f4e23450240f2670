using System.Reflection;

namespace KvNorm.Tests.Documents;

/// <summary>The repository that the tests were built in.</summary>
internal static class Repository
{
    private static readonly string Root = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static data => data.Key == "RepositoryRoot").Value!;

    public static string PathOf(string name) => Path.Combine(Root, name);
}
