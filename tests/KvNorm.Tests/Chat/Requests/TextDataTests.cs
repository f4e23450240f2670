using System.Text;
using KvNorm.Chat.Requests;
using Microsoft.Extensions.AI;

namespace KvNorm.Tests.Chat.Requests;

public sealed class TextDataTests
{
    [Theory]
    [InlineData("text/plain")]
    [InlineData("text/plain; charset=utf-8")]
    [InlineData("text/markdown")]
    [InlineData("text/csv")]
    [InlineData("application/json")]
    public void Read_TextInUtf8_IsTheText(string mediaType) =>
        Assert.Equal("Grüße, 😀", TextData.Read(new DataContent("Grüße, 😀"u8.ToArray(), mediaType)));

    [Fact]
    public void Read_AnotherEncoding_IsDecoded()
    {
        Assert.Equal("né", TextData.Read(new DataContent(Encoding.Latin1.GetBytes("né"), "text/plain; charset=iso-8859-1")));
        Assert.Equal("né", TextData.Read(new DataContent(Encoding.Unicode.GetBytes("né"), "text/plain; charset=utf-16")));
    }

    [Fact]
    public void Read_ByteOrderMark_IsNoText() =>
        Assert.Equal("a", TextData.Read(new DataContent(new byte[] { 0xEF, 0xBB, 0xBF, (byte)'a' }, "text/plain")));

    [Theory]
    [InlineData("image/png")]
    [InlineData("application/pdf")]
    [InlineData("text/plain; charset=klingon")]
    public void Read_AnotherKind_IsNull(string mediaType) => Assert.Null(TextData.Read(new DataContent("a"u8.ToArray(), mediaType)));

    [Fact]
    public void Read_BytesThatAreNoText_IsNull() => Assert.Null(TextData.Read(new DataContent(new byte[] { 0xFF, 0x41 }, "text/plain")));
}
