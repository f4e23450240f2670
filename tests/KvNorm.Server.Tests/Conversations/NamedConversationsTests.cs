using System.Net;
using System.Text.Json;

namespace KvNorm.Server.Tests.Conversations;

/// <summary>Conversations that clients name, save and load, over a tiny model.</summary>
public sealed class NamedConversationsTests : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private RunningServer _server = null!;

    public async Task InitializeAsync() =>
        _server = await TinyServer.StartAsync(options => options.ConversationFolder = _folder, slots: 2);

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task AnswerAsync_NameInAHeader_GoesOnInTheSameConversation()
    {
        await AskAsync("talk", """{"role":"user","content":"one"}""");
        JsonElement answer = await AskAsync(
            "talk", """{"role":"user","content":"one"},{"role":"assistant","content":"1"},{"role":"user","content":"two"}""");
        Assert.True(answer.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32() > 0);
        JsonElement one = Assert.Single((await _server.GetAsync("/api/conversations")).GetProperty("conversations").EnumerateArray());
        Assert.Equal("talk", one.GetProperty("id").GetString());
        JsonElement memory = await _server.GetAsync("/api/conversations/talk/memory");
        IEnumerable<JsonElement> tokens = memory.GetProperty("tokens").EnumerateArray();
        string text = string.Concat(tokens.Select(static token => token.GetProperty("text").GetString()));
        Assert.Equal(1, text.Split("one", StringSplitOptions.None).Length - 1); // what was sent again is not said twice
        Assert.Equal(1, memory.GetProperty("held").GetDouble());
    }

    [Fact]
    public async Task AnswerAsync_NoName_IsFoundByItsBeginning()
    {
        await AskAsync(null, """{"role":"user","content":"one"}""");
        JsonElement again = await AskAsync(null, """{"role":"user","content":"one"}""");
        Assert.True(again.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32() > 0);
        JsonElement one = Assert.Single((await _server.GetAsync("/api/conversations")).GetProperty("conversations").EnumerateArray());
        Assert.False(one.GetProperty("isNamed").GetBoolean());
    }

    [Theory]
    [InlineData("/v1/chat/completions", "\"max_tokens\":8,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]")]
    [InlineData("/v1/responses", "\"max_output_tokens\":8,\"store\":false,\"input\":\"hello\"")]
    public async Task AnswerAsync_NoName_ItsClientIsToldAnIdToLookAtItBy(string path, string fields)
    {
        List<string> ids = [];
        foreach (string stream in new[] { "true", "false" })
        {
            using HttpResponseMessage answer = await _server.PostAsync(path, $"{{\"stream\":{stream},\"temperature\":0,{fields}}}");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            ids.Add(answer.Headers.GetValues("X-Conversation-Id").Single());
            await answer.Content.ReadAsStringAsync();
        }

        Assert.Single(ids.Distinct(StringComparer.Ordinal)); // the second went on with the first
        JsonElement memory = await _server.GetAsync($"/api/conversations/{ids[0]}/memory");
        IEnumerable<JsonElement> tokens = memory.GetProperty("tokens").EnumerateArray();
        Assert.Contains(
            "hello", string.Concat(tokens.Select(static token => token.GetProperty("text").GetString())), StringComparison.Ordinal);
        Assert.Equal((1, 0), (memory.GetProperty("held").GetDouble(), memory.GetProperty("evicted").GetInt32()));
        Assert.True(memory.GetProperty("tokensPerSecond").GetDouble() > 0);
        await PostAsync($"/api/conversations/{ids[0]}/save", "", HttpStatusCode.NotFound); // its messages are its client's

        using HttpResponseMessage removed = await _server.Http.DeleteAsync(new Uri($"/api/conversations/{ids[0]}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using HttpResponseMessage gone = await _server.Http.GetAsync(new Uri($"/api/conversations/{ids[0]}/memory", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task ShowMemoryAsync_AnswerThatIsBrokenOff_HasItsEvents()
    {
        HttpResponseMessage running = await _server.BeginEndlessAsync();
        string path = $"/api/conversations/{running.Headers.GetValues("X-Conversation-Id").Single()}/memory";
        int during;
        while ((during = await EventsAsync()) == 0)
            await Task.Delay(20); // it is being written
        running.Dispose(); // the client goes away
        Assert.True(await EventsAsync() >= during);

        async Task<int> EventsAsync() => (await _server.GetAsync(path)).GetProperty("events").GetArrayLength();
    }

    [Fact]
    public async Task SaveAsync_ThenLoadAsync_GoesOnUnderAnotherName()
    {
        await AskAsync("talk", """{"role":"user","content":"one"}""");
        Assert.Equal("""{"name":"talk"}""", await PostAsync("/api/conversations/talk/save", "", HttpStatusCode.OK));
        Assert.Equal("""{"name":"kept"}""", await PostAsync("/api/conversations/talk/save", """{"name":"kept"}""", HttpStatusCode.OK));
        string files = string.Join(' ', Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("kept.kvnorm talk.kvnorm", files);
        Assert.Equal(
            """{"name":"kept","messages":2}""", await PostAsync("/api/conversations/copy/load", """{"name":"kept"}""", HttpStatusCode.OK));
        JsonElement memory = await _server.GetAsync("/api/conversations/copy/memory");
        JsonElement talk = await _server.GetAsync("/api/conversations/talk/memory");
        Assert.Equal(talk.GetProperty("tokens").GetRawText(), memory.GetProperty("tokens").GetRawText());
    }

    [Theory]
    [InlineData("/api/conversations/talk/save", """{"name":"../talk"}""", HttpStatusCode.BadRequest)]
    [InlineData("/api/conversations/talk/save", """{"name":"/etc/passwd"}""", HttpStatusCode.BadRequest)]
    [InlineData("/api/conversations/talk/save", """{"name":".."}""", HttpStatusCode.BadRequest)]
    [InlineData("/api/conversations/talk/save", """{"name":""}""", HttpStatusCode.BadRequest)]
    [InlineData("/api/conversations/%2e%2e%2ftalk/save", "", HttpStatusCode.BadRequest)]
    [InlineData("/api/conversations/missing/save", "", HttpStatusCode.NotFound)]
    [InlineData("/api/conversations/talk/load", """{"name":"missing"}""", HttpStatusCode.NotFound)]
    public async Task SaveAsync_NameThatIsNone_IsRefused(string path, string body, HttpStatusCode status)
    {
        await AskAsync("talk", """{"role":"user","content":"one"}""");
        await PostAsync(path, body, status);
        Assert.False(Directory.Exists(_folder) && Directory.EnumerateFileSystemEntries(_folder).Any());
    }

    [Fact]
    public async Task SaveAsync_RequestThatAnyPageMaySend_IsRefused()
    {
        await AskAsync("talk", """{"role":"user","content":"one"}""");
        using HttpResponseMessage response = await _server.Http.PostAsync(
            new Uri("/api/conversations/talk/save", UriKind.Relative), new StringContent(""));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.False(Directory.Exists(_folder));
    }

    [Fact]
    public async Task SaveAsync_FolderIsFull_IsRefusedUnlessItReplacesAFile()
    {
        await AskAsync("talk", """{"role":"user","content":"one"}""");
        await PostAsync("/api/conversations/talk/save", "", HttpStatusCode.OK);
        for (int index = 1; index < 1000; index++)
            await File.WriteAllBytesAsync(Path.Combine(_folder, $"{index}.kvnorm"), []);
        await PostAsync("/api/conversations/talk/save", """{"name":"more"}""", HttpStatusCode.InsufficientStorage);
        await PostAsync("/api/conversations/talk/save", "", HttpStatusCode.OK);
    }

    [Fact]
    public async Task LoadAsync_FileThatIsNone_IsRefused()
    {
        Directory.CreateDirectory(_folder);
        await File.WriteAllTextAsync(Path.Combine(_folder, "bad.kvnorm"), "hello");
        string error = await PostAsync("/api/conversations/talk/load", """{"name":"bad"}""", HttpStatusCode.UnprocessableEntity);
        Assert.Contains("invalid_conversation_file", error, StringComparison.Ordinal);
        Assert.DoesNotContain(_folder, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SaveAsync_FolderThatCannotBe_SaysThatTheLogSaysWhy()
    {
        await AskAsync("talk", """{"role":"user","content":"one"}""");
        await File.WriteAllTextAsync(_folder, ""); // a file stands in its place
        try
        {
            string error = await PostAsync("/api/conversations/talk/save", "", HttpStatusCode.InsufficientStorage);
            Assert.Contains("save_failed", error, StringComparison.Ordinal);
            Assert.DoesNotContain(_folder, error, StringComparison.Ordinal);
            Assert.Contains(_server.Log.Lines, line =>
                line.Contains("could not be saved", StringComparison.Ordinal) && line.Contains(_folder, StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(_folder);
        }
    }

    [Fact]
    public async Task LoadAsync_FileThatCannotBeRead_SaysThatTheLogSaysWhy()
    {
        await AskAsync("talk", """{"role":"user","content":"one"}""");
        await PostAsync("/api/conversations/talk/save", "", HttpStatusCode.OK);
        string path = Path.Combine(_folder, "talk.kvnorm");
        await using FileStream inUse = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        string error = await PostAsync("/api/conversations/talk/load", "", HttpStatusCode.InternalServerError);
        Assert.Contains("load_failed", error, StringComparison.Ordinal);
        Assert.DoesNotContain(_folder, error, StringComparison.Ordinal);
        Assert.Contains(_server.Log.Lines, line =>
            line.Contains("could not be loaded", StringComparison.Ordinal) && line.Contains(path, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("../x")]
    public async Task Of_HeaderThatIsNoName_IsRefused(string name)
    {
        using HttpRequestMessage request = Request("""{"role":"user","content":"one"}""");
        request.Headers.TryAddWithoutValidation("X-Conversation-Id", name);
        using HttpResponseMessage response = await _server.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private static HttpRequestMessage Request(string messages) => new(HttpMethod.Post, "/v1/chat/completions")
    {
        Content = RunningServer.Json(System.Text.Encoding.UTF8.GetBytes(
            $$"""{"max_tokens":4,"temperature":0,"user":"not a name","messages":[{{messages}}]}""")),
    };

    private async Task<JsonElement> AskAsync(string? name, string messages)
    {
        using HttpRequestMessage request = Request(messages);
        if (name is not null)
            request.Headers.Add("X-Conversation-Id", name);
        using HttpResponseMessage response = await _server.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await RunningServer.ReadAsync(response);
    }

    private async Task<string> PostAsync(string path, string body, HttpStatusCode status)
    {
        using HttpResponseMessage response = await _server.PostAsync(path, body);
        Assert.Equal(status, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }
}
