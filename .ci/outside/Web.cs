using System.Text;
using KvNorm;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddKvNormChat(options => options.KvCacheBudget = KvCacheBudget.FromCells(256));
builder.Services.AddKvNormServer(options => options.LoadTimeout = TimeSpan.FromMinutes(2));
WebApplication app = builder.Build();
app.Urls.Add("http://127.0.0.1:0");
app.MapKvNorm();
await app.StartAsync();

using HttpClient http = new();
using StringContent body = new(
    """{"max_tokens":8,"messages":[{"role":"user","content":"Say hello."}]}""", Encoding.UTF8, "application/json");
using HttpResponseMessage response = await http.PostAsync(new Uri(new Uri(app.Urls.Single()), "/v1/chat/completions"), body);
Console.WriteLine(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
await app.StopAsync();
