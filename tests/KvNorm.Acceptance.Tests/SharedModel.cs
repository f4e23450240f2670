namespace KvNorm.Acceptance.Tests;

/// <summary>The tests that share one loaded model.</summary>
[CollectionDefinition(Name)]
public sealed class SharedModel : ICollectionFixture<ChatClientFixture>
{
    public const string Name = "shared model";
}
