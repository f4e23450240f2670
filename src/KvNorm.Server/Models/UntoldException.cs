namespace KvNorm.Server.Models;

/// <summary>A request failed; what with is not for traces.</summary>
internal sealed class UntoldException(Exception failure) : Exception($"The request failed with {failure.GetType().Name}.", failure);
