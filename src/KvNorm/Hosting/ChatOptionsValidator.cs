using Microsoft.Extensions.Options;

namespace KvNorm.Hosting;

/// <summary>Says at start, in a sentence, what is wrong with the options.</summary>
internal sealed class ChatOptionsValidator : IValidateOptions<KvNormChatOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, KvNormChatOptions options)
    {
        try
        {
            options.Validate();
            return ValidateOptionsResult.Success;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            string whose = string.IsNullOrEmpty(name) ? "" : $" of '{name}'";
            return ValidateOptionsResult.Fail($"The KvNorm chat options{whose} are wrong: {e.Message.ReplaceLineEndings(" ")}");
        }
    }
}
