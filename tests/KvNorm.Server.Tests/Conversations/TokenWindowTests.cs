using KvNorm.Server.Api;
using KvNorm.Server.Conversations;
using Microsoft.AspNetCore.Http;

namespace KvNorm.Server.Tests.Conversations;

public sealed class TokenWindowTests
{
    [Theory]
    [InlineData("", 0, 10)]
    [InlineData("?count=4", 6, 10)]
    [InlineData("?count=40", 0, 10)]
    [InlineData("?count=0", 10, 10)]
    [InlineData("?from=3", 3, 10)]
    [InlineData("?from=3&count=4", 3, 7)]
    [InlineData("?from=9&count=2147483647", 9, 10)]
    [InlineData("?from=2147483647&count=4", 10, 10)]
    [InlineData("?from=&count=", 0, 10)]
    public void Of_Query_IsInsideTheConversation(string query, int from, int to) =>
        Assert.Equal(new TokenWindow(from, to), TokenWindow.Of(Query(query), 10));

    [Theory]
    [InlineData("?from=-1", "from")]
    [InlineData("?from=x", "from")]
    [InlineData("?count=1e3", "count")]
    [InlineData("?count=2147483648", "count")]
    public void Of_NoNumber_IsRefusedByName(string query, string field) =>
        Assert.Equal(field, Assert.Throws<ApiException>(() => TokenWindow.Of(Query(query), 10)).Field);

    private static IQueryCollection Query(string query)
    {
        DefaultHttpContext context = new();
        context.Request.QueryString = new QueryString(query.Length == 0 ? null : query);
        return context.Request.Query;
    }
}
