using System.Security.Cryptography;
using System.Text;

namespace KvNorm.Server.Api;

/// <summary>The key that requests must bring, known by its hash: comparing tells nothing of it, not even its length.</summary>
internal sealed class ApiKey(string? key)
{
    private const string Scheme = "Bearer ";

    private readonly byte[]? _hash = key is null ? null : Hash(key);

    /// <summary>Lets a request through that brings the key.</summary>
    /// <exception cref="ApiException">It does not.</exception>
    public void Require(HttpRequest request)
    {
        if (_hash is null)
            return;
        string header = request.Headers.Authorization.ToString();
        string given = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : "";
        if (!CryptographicOperations.FixedTimeEquals(Hash(given), _hash))
        {
            throw new ApiException(
                StatusCodes.Status401Unauthorized,
                "invalid_api_key",
                "This server needs its API key, as the header 'Authorization: Bearer KEY'.");
        }
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
