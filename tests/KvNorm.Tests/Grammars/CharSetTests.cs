using System.Text;
using FsCheck;
using FsCheck.Xunit;
using KvNorm.Grammars;

namespace KvNorm.Tests.Grammars;

public sealed class CharSetTests
{
    private const int Last = 0x10FFFF;

    // Members where sets often go wrong: the ends of the planes, the surrogates, and what GBNF and JSON escape.
    private static readonly int[] Borders =
        [0, 0x1F, ' ', '"', '-', '[', '\\', ']', '^', '~', 0x7F, 0x80, 0xFF, 0x100, 0xD7FF, 0xE000, 0xFFFF, 0x10000, Last];

    [Theory]
    [InlineData("", null)]
    [InlineData("a", (int)'a')]
    [InlineData("aa", (int)'a')]
    [InlineData("ab", null)]
    [InlineData("😀", 0x1F600)]
    public void Single_Set_IsItsOnlyMember(string characters, int? expected)
    {
        CharSet set = CharSet.Of(characters);
        Assert.Equal(expected, set.Single);
        Assert.Equal(characters.Length == 0, set.IsEmpty);
    }

    [Fact]
    public void Create_RangesThatTouchOrOverlapOrAreEmpty_AreOne()
    {
        CharSet set = new([('x', 'z'), ('c', 'a'), ('m', 'p'), ('a', 'f'), ('g', 'l'), ('d', 'e')]);
        Assert.Equal("[a-px-z]", set.ToClass());
        Assert.True(new CharSet([('b', 'a')]).IsEmpty);
    }

    [Property(MaxTest = 200)]
    public void Operations_AnySets_AreThoseOfTheirMembers(DoNotSize<int> seed)
    {
        Random random = new(seed.Item);
        (int From, int To)[] left = Ranges(random), right = Ranges(random);
        (CharSet one, CharSet other) = (new CharSet(left), new CharSet(right));
        foreach (int codePoint in Ends(left).Concat(Ends(right)).Concat(Borders))
        {
            if (!Rune.IsValid(codePoint))
                continue;
            bool inLeft = Array.Exists(left, range => range.From <= codePoint && codePoint <= range.To);
            bool inRight = Array.Exists(right, range => range.From <= codePoint && codePoint <= range.To);
            Assert.Equal(inLeft, one.Contains(codePoint));
            Assert.Equal(!inLeft, one.Complement().Contains(codePoint));
            Assert.Equal(inLeft || inRight, one.Union(other).Contains(codePoint));
            Assert.Equal(inLeft && inRight, one.Intersect(other).Contains(codePoint));
            Assert.Equal(inLeft && !inRight, one.Except(other).Contains(codePoint));
        }
    }

    [Theory]
    [InlineData(0xD800)]
    [InlineData(0xDBFF)]
    [InlineData(0xDFFF)]
    public void Complement_HalvesOfSurrogatePairs_AreNoCharacters(int half)
    {
        Assert.False(new CharSet([]).Complement().Contains(half));
        Assert.False(CharSet.Of("a").Complement().Contains(half));
        Assert.True(new CharSet([(0, Last)]).Complement().IsEmpty);
    }

    // RFC 8259: unescaped = %x20-21 / %x23-5B / %x5D-10FFFF.
    [Fact]
    public void Plain_Characters_AreThoseThatJsonLeavesUnescaped()
    {
        for (int codePoint = 0; codePoint <= Last; codePoint += codePoint < 0x300 ? 1 : 0x101)
        {
            if (Rune.IsValid(codePoint))
                Assert.Equal(codePoint >= 0x20 && codePoint is not ('"' or '\\'), CharSet.Plain.Contains(codePoint));
        }

        Assert.True(CharSet.Plain.Contains(Last));
    }

    [Property(MaxTest = 30)]
    public void ToClass_AnySet_LetsItsMembersThroughAndNoOthers(DoNotSize<int> seed)
    {
        (int From, int To)[] ranges = Ranges(new Random(seed.Item));
        CharSet set = new CharSet(ranges).Union(CharSet.Of("x"));
        string grammar = "root ::= " + set.ToClass();
        foreach (int codePoint in Ends(ranges).Concat(Borders))
        {
            bool expected = codePoint == 'x' || Array.Exists(ranges, range => range.From <= codePoint && codePoint <= range.To);
            if (Rune.IsValid(codePoint))
                Assert.True(expected == GrammarMatcher.Accepts(grammar, new Rune(codePoint).ToString()), $"U+{codePoint:X} and {grammar}");
        }
    }

    private static IEnumerable<int> Ends((int From, int To)[] ranges) =>
        ranges.SelectMany(static range => new[] { range.From, range.To, range.From - 1, range.To + 1 });

    // Around the borders, without the character 0, which ends texts in llama.cpp.
    private static (int From, int To)[] Ranges(Random random)
    {
        (int From, int To)[] ranges = new (int From, int To)[random.Next(5)];
        for (int i = 0; i < ranges.Length; i++)
        {
            int from = Math.Clamp(Borders[random.Next(Borders.Length)] + random.Next(-2, 3), 1, Last);
            ranges[i] = (from, Math.Min(Last, from + (random.Next(4) == 0 ? random.Next(0x3000) : random.Next(3))));
        }

        return ranges;
    }
}
