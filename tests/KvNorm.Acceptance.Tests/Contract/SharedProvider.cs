using KvNorm.Tests.Contract;

namespace KvNorm.Acceptance.Tests.Contract;

/// <summary>The classes that keep the contract around one client, one after another.</summary>
[CollectionDefinition(Name)]
public sealed class SharedProvider : ICollectionFixture<KvNormProvider>
{
    public const string Name = "shared provider";
}
