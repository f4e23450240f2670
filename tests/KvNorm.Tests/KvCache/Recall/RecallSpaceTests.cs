using System.Text;
using KvNorm.KvCache.Recall;

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
        using RecallSpace space = new(terms, archives: null);
        space.Prepare(evicts: false);
        Assert.Equal(0, looks);
        space.Prepare(evicts: true);
        Assert.Equal(3, looks);
        Assert.Equal(terms[0], terms[0]);
        space.Prepare(evicts: true);
        Assert.Equal(3, looks);
    }
}
