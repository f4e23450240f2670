using System.Security.Cryptography;
using System.Text;

namespace KvNorm.Chat.Dialects;

/// <summary>Ids of calls as templates want them.</summary>
internal static class CallIds
{
    private const string Letters = "0123456789abcdefghijklmnopqrstuvwxyz";

    /// <summary>
    /// An id of a given length, of letters and digits; the same for the same id, so that calls and results stay together and a prompt stays
    /// the same.
    /// </summary>
    /// <param name="id">The id.</param>
    /// <param name="length">Its length, at most 32; 0 for any id.</param>
    public static string Fit(string id, int length)
    {
        if (length == 0 || (id.Length == length && id.All(char.IsAsciiLetterOrDigit)))
            return id;
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(id));
        return string.Concat(hash.Take(length).Select(static value => Letters[value % Letters.Length]));
    }
}
