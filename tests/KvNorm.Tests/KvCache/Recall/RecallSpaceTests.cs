using System.Text;
using KvNorm.KvCache.Archive;
using KvNorm.KvCache.Recall;
using KvNorm.KvCache.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvNorm.Tests.KvCache.Recall;

public sealed class RecallSpaceTests
{
    [Fact]
    public void Prepare_SomethingIsGoingToBeEvicted_LooksThroughTheVocabularyOnce()
    {
        int looks = 0;
        TokenTerms terms = new(3, token =>
        {
            looks++;
            return Encoding.UTF8.GetBytes($"w{token}");
        });
        using RecallSpace space = new(
            terms, new CacheGeometry([new LayerGeometry(1, 4, 4)]), new ArchiveLimits(1 << 20), NullLogger.Instance);
        space.Prepare(evicts: false);
        Assert.Equal(0, looks);
        space.Prepare(evicts: true);
        Assert.Equal(3, looks);
        Assert.Equal(terms[0], terms[0]);
        space.Prepare(evicts: true);
        Assert.Equal(3, looks);
    }
}
