using System.Net;
using System.Net.Http.Headers;

namespace KvNorm.Cli.Models;

/// <summary>
/// Requests to the host of models. The user's token goes to that host alone, whatever it redirects to, and nothing goes unencrypted, unless
/// the host is this machine.
/// </summary>
internal sealed class HubConnection : IDisposable
{
    private const int MaximumRedirects = 8;
    private const int MaximumText = 16 << 20; // bytes of an answer that is read at once

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        Timeout = AnswerLimit,
        MaxResponseContentBufferSize = MaximumText,
    };

    private readonly string? _token;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="endpoint">The address of the host, such as https://huggingface.co.</param>
    /// <param name="token">The user's token; null for none.</param>
    /// <exception cref="ArgumentException">The address or the token is none.</exception>
    public HubConnection(string endpoint, string? token)
    {
        bool isAddress = Uri.TryCreate(endpoint.TrimEnd('/'), UriKind.Absolute, out Uri? address) && address is { UserInfo: "", Query: "" };
        if (!isAddress || !(address!.Scheme == Uri.UriSchemeHttps || IsPlainLoopback(address)))
            throw new ArgumentException("HF_ENDPOINT is no address that begins with https://.");
        if (token?.All(static c => char.IsAscii(c) && !char.IsControl(c) && c != ' ') == false)
            throw new ArgumentException("HF_TOKEN has characters that no token has."); // and is not shown
        (Endpoint, _token) = (address, token);
    }

    /// <summary>Gets the address of the host, without a slash at its end.</summary>
    public Uri Endpoint { get; }

    /// <summary>Reads an answer as a whole.</summary>
    /// <returns>It, and the address where it goes on; null where it does not.</returns>
    public async Task<(byte[] Text, Uri? Next)> ReadAsync(Uri address, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response =
            await SendAsync(address, 0, HttpCompletionOption.ResponseContentRead, cancellationToken);
        byte[] text = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return (text, Next(response));
    }

    /// <summary>Begins to read a file.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="from">How many bytes of it are here; the server may begin at the first one nevertheless.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public Task<HttpResponseMessage> OpenAsync(Uri address, long from, CancellationToken cancellationToken) =>
        SendAsync(address, from, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    public void Dispose() => _client.Dispose();

    /// <summary>Whether to go to an address.</summary>
    internal bool Allows(Uri address) =>
        address.Scheme == Uri.UriSchemeHttps || (IsPlainLoopback(Endpoint) && IsPlainLoopback(address));

    private async Task<HttpResponseMessage> SendAsync(
        Uri address, long from, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        for (int redirects = 0; redirects <= MaximumRedirects; redirects++)
        {
            HttpResponseMessage response = await SendOnceAsync(address, from, completion, cancellationToken);
            if (response.IsSuccessStatusCode)
                return response;
            using (response)
                address = Target(address, response);
        }

        throw new IOException($"{Endpoint.Host} redirects more than {MaximumRedirects} times.");
    }

    private async Task<HttpResponseMessage> SendOnceAsync(
        Uri address, long from, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("kvnorm", productVersion: null));
        if (_token is not null && IsEndpoint(address))
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        if (from > 0)
            request.Headers.Range = new RangeHeaderValue(from, to: null);
        try
        {
            return await _client.SendAsync(request, completion, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new IOException($"{address.Host} cannot be asked: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"{address.Host} did not answer in {AnswerLimit.TotalSeconds:0} seconds.", e);
        }
    }

    private Uri Target(Uri address, HttpResponseMessage response)
    {
        int status = (int)response.StatusCode;
        if (status is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
            throw new IOException(Refusal(address, response.StatusCode));
        Uri target = new(address, location);
        return Allows(target)
            ? target
            : throw new IOException($"{address.Host} redirects to {target.Scheme}://{target.Host}, which is not https.");
    }

    private static string Refusal(Uri address, HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
            $"{address.Host} refuses: there is no such repository, or it wants the token (HF_TOKEN) of somebody who was let in.",
        HttpStatusCode.NotFound => $"{address.Host} has no such repository or file.",
        _ => $"{address.Host} answers with status {(int)status}.",
    };

    private Uri? Next(HttpResponseMessage response)
    {
        string? link = response.Headers.TryGetValues("Link", out IEnumerable<string>? values)
            ? values.FirstOrDefault(static value => value.Contains("rel=\"next\"", StringComparison.Ordinal))
            : null;
        int end = link?.IndexOf('>', StringComparison.Ordinal) ?? -1;
        return end > 1 && Uri.TryCreate(Endpoint, link![1..end], out Uri? next) && IsEndpoint(next) ? next : null;
    }

    private bool IsEndpoint(Uri address) => address.Scheme == Endpoint.Scheme && address.Authority == Endpoint.Authority;

    private static bool IsPlainLoopback(Uri address) => address.Scheme == Uri.UriSchemeHttp && address.IsLoopback;
}
