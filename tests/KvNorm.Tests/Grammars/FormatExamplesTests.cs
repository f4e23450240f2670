using System.Text.Json;

namespace KvNorm.Tests.Grammars;

/// <summary>Formats, and strings with several constraints at once.</summary>
public sealed class FormatExamplesTests
{
    [Theory]
    [InlineData(
        "email",
        "a@b.de | first.last+tag@mail.example.org | a@b.international | o'neil@x.org | {a}#b=c/d@x.org | a@b.xn--p1ai | a@1.b-c.org",
        "a@b | @b.de | a..b@c.de | .a@b.de | a@-b.de | a b@c.de | a@b. | a@b@c.de | a@b.c- | a@1.2.3.4")]
    [InlineData(
        "uri", "https://example.org | http://a.b:8080/x/y?q=1#z | file:///etc/hosts | mailto:a@b.de | urn:isbn:123 | s3://bucket/k%20y",
        "example | http:// | http://a b | https://x/%zz | https://a/<b> | https://[1]/ | /a/b | a.b/c:d | 1a://b | http://a#b#c")]
    [InlineData(
        "uri",
        "https://example.com/?a=1&b=2 | http://localhost:11434/api | https://en.wikipedia.org/wiki/C_(language) | https://u:p@h.org/"
        + " | http://[::1]:80/ | http://[2001:db8::7]?a/b?c | http://my_service/x | https://a.de./ | https://h//x | ftp://h/x;type=a"
        + " | mailto:a@b.de?subject=x%20y | magnet:?xt=urn:btih:c12 | about:blank | app:/x | data:text/plain;base64,QQ==#a | xy:a",
        "http:/[ | http://h:1a/ | http://h:65536/ | x:a | http://h;a | http:///a | http:a | http:/a | https:a | ws:a | file:a | http:?a")]
    [InlineData("uri", "https://a23456789012345678901234567890123456789012345678901234567890123.de:65535?", "")]
    [InlineData("hostname", "localhost | a-b.example.org | a23456789012345678901234567890123456789012345678901234567890123.b | 1.2.3.4",
        "-a | a..b | a_b | a- | a234567890123456789012345678901234567890123456789012345678901234.b")]
    [InlineData("hostname", "a.b.c.d.e.f.g.h.i.j", "a.b.c.d.e.f.g.h.i.j.")]
    [InlineData("ipv6", "::1 | 2001:db8::8a2e:370:7334 | 1:2:3:4:5:6:7:8 | :: | fe80:: | 1::3:4:5:6:7:8",
        "1:2:3 | 1::2::3 | g::1 | 1:2:3:4:5:6:7::8:9")]
    [InlineData("ipv6", "::ffff:192.0.2.1 | ::1.2.3.4 | 64:ff9b::1.2.3.4 | 1:2:3:4:5:6:1.2.3.4 | 1:2:3:4:5::1.2.3.4",
        "1.2.3.4 | ::256.1.1.1 | 1:2:3:4:5:6:7:1.2.3.4 | 1:2:3:4:5:6::1.2.3.4 | ::1.2.3.4:5")]
    [InlineData("duration", "P1D | PT1H30M | P1Y2M3DT4H5M6S | P2W", "P | PT | 1D | P1H")]
    [InlineData("byte", " | QUI= | QQ== | QUJD", "Q | QQ= | Q=== | QR==")]
    public void Format_Text_IsLetThroughWhereItIsOne(string format, string accepted, string refused)
    {
        string grammar = SchemaGrammarTests.Grammar($$"""{"type":"string","format":"{{format}}"}""");
        Assert.All(accepted.Split(" | "), text => Assert.True(GrammarMatcher.Accepts(grammar, $"\"{text.Trim()}\""), text));
        Assert.All(refused.Split(" | "), text => Assert.False(GrammarMatcher.Accepts(grammar, $"\"{text.Trim()}\""), text));
    }

    // What is held of a pattern, a length and a format together.
    [Theory]
    [InlineData(""" "pattern":"^[a-z]+$","maxLength":3 """, "a | abc", "abcd | A | ")]
    [InlineData(""" "pattern":"^[a-z]*$","minLength":2,"maxLength":3 """, "ab | abc", "a | abcd | ")]
    [InlineData(""" "pattern":"^[a-z][a-z0-9]*$","maxLength":3 """, "a | a1b", "a1b2 | 1")]
    [InlineData(""" "pattern":"^/","maxLength":3 """, "/ | /ab", "/abc | a")]
    [InlineData(""" "pattern":"^(GET|PUT) .{1,9}$","minLength":7 """, "GET abc | PUT abcdefghi", "GET ab")]
    [InlineData(""" "pattern":"^[A-Z]{2}$","minLength":2,"maxLength":2 """, "AB", "A | ABC")]
    [InlineData(""" "pattern":"^[a-z]{2,9}$","minLength":1,"maxLength":20 """, "ab | abcdefghi", "a | abcdefghij")]
    [InlineData(""" "pattern":"^[a-z]+$","format":"date" """, "abc", "2024-02-29")]
    [InlineData(""" "pattern":"^(?=.*x)","format":"date" """, "2024-02-29", "abc")]
    [InlineData(""" "pattern":"^(?=.*x)","maxLength":2 """, "ab", "abc")]
    public void String_SeveralConstraints_AreHeldTogether(string keywords, string accepted, string refused)
    {
        string grammar = SchemaGrammarTests.Grammar($$"""{"type":"string",{{keywords}}}""");
        Assert.All(accepted.Split(" | "), text => Assert.True(GrammarMatcher.Accepts(grammar, JsonSerializer.Serialize(text)), text));
        Assert.All(refused.Split(" | "), text => Assert.False(GrammarMatcher.Accepts(grammar, JsonSerializer.Serialize(text)), text));
    }

    [Theory]
    [InlineData("int32", "2147483647 | -2147483648", "2147483648")]
    [InlineData("int64", "9223372036854775807 | -1", "9223372036854775808")]
    [InlineData("uint8", "0 | 255", "-1 | 256")]
    [InlineData("uint64", "0 | 9999999999999999999", "-1")]
    public void Format_OfANumber_BoundsIt(string format, string accepted, string refused)
    {
        string grammar = SchemaGrammarTests.Grammar($$"""{"type":"integer","format":"{{format}}"}""");
        Assert.All(accepted.Split(" | "), text => Assert.True(GrammarMatcher.Accepts(grammar, text), text));
        Assert.All(refused.Split(" | "), text => Assert.False(GrammarMatcher.Accepts(grammar, text), text));
    }
}
