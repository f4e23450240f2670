using System.Globalization;
using Microsoft.Extensions.AI;

namespace KvNorm.Cli;

/// <summary>A number that says how answers are sampled: an option of `kvnorm chat`, and changed in a chat by /set.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does.</param>
/// <param name="Minimum">The least value.</param>
/// <param name="Maximum">The greatest value.</param>
/// <param name="Default">What holds unless it is set; null where a new one is drawn for every answer.</param>
/// <param name="Get">Reads it; null where it is not set.</param>
/// <param name="Set">Sets it; null for the default.</param>
/// <param name="IsWhole">Whether it must be a whole number.</param>
internal sealed record ChatSetting(
    string Name,
    string Description,
    double Minimum,
    double Maximum,
    double? Default,
    Func<ChatOptions, double?> Get,
    Action<ChatOptions, double?> Set,
    bool IsWhole = false)
{
    private static readonly SamplingOptions Defaults = new();

    /// <summary>Gets all that there are.</summary>
    public static IReadOnlyList<ChatSetting> All { get; } =
    [
        new("temperature", "0 always takes the most likely token", 0, 100, Rounded(Defaults.Temperature),
            static o => o.Temperature, static (o, v) => o.Temperature = (float?)v),
        new("top-p", "share of probability whose tokens are candidates", 0, 1, Rounded(Defaults.TopP),
            static o => o.TopP, static (o, v) => o.TopP = (float?)v),
        new("top-k", "how many of the most likely tokens are candidates; 0 for all", 0, int.MaxValue, Defaults.TopK,
            static o => o.TopK, static (o, v) => o.TopK = (int?)v, IsWhole: true),
        Further("min-p", "least probability of a candidate, as a share of the most likely one's", 0, 1, Defaults.MinP, "min_p"),
        Further("repeat-penalty", "what tokens seen lately are divided by; 1 for none", 0.01, 100, Defaults.RepeatPenalty,
            "repeat_penalty"),
        new("max-tokens", "the longest answer, in tokens", 1, int.MaxValue, new KvNormChatOptions().MaxOutputTokens,
            static o => o.MaxOutputTokens, static (o, v) => o.MaxOutputTokens = (int?)v, IsWhole: true),
        new("seed", "makes answers repeatable", int.MinValue, int.MaxValue, null,
            static o => o.Seed, static (o, v) => o.Seed = (long?)v, IsWhole: true),
    ];

    /// <summary>Gets the values that it can have, in words.</summary>
    public string Range => (IsWhole ? "a whole number" : "a number") + Bounds;

    private string Bounds => (Minimum, Maximum) switch
    {
        (int.MinValue, int.MaxValue) => "",
        (_, int.MaxValue) => string.Create(CultureInfo.InvariantCulture, $" from {Minimum}"),
        _ => string.Create(CultureInfo.InvariantCulture, $" from {Minimum} to {Maximum}"),
    };

    /// <summary>The setting of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static ChatSetting Named(string name) =>
        All.FirstOrDefault(setting => setting.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no setting '{name}': {string.Join(", ", All.Select(static one => one.Name))} are there.");

    /// <summary>Sets it to a value.</summary>
    /// <param name="options">Where.</param>
    /// <param name="value">The value; null changes nothing.</param>
    /// <param name="name">How the user calls it.</param>
    /// <exception cref="ArgumentException">It is out of range.</exception>
    public void Apply(ChatOptions options, double? value, string name)
    {
        if (value is not { } number)
            return;
        if (!(number >= Minimum && number <= Maximum) || (IsWhole && !double.IsInteger(number)))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} must be {Range}; it is {number}."));
        Set(options, number);
    }

    /// <summary>Sets it to what somebody wrote; 'default' for the default.</summary>
    /// <exception cref="ArgumentException">It is no such number.</exception>
    public void Apply(ChatOptions options, string text)
    {
        if (text.Equals("default", StringComparison.OrdinalIgnoreCase))
            Set(options, null);
        else if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
            Apply(options, value, Name);
        else
            throw new ArgumentException($"{Name} must be {Range}, or 'default'; it is '{text}'.");
    }

    /// <summary>What it is now, in words.</summary>
    public string Show(ChatOptions options) => (Get(options), Default) switch
    {
        ({ } value, _) => string.Create(CultureInfo.InvariantCulture, $"{Rounded(value)}"),
        (null, { } value) => string.Create(CultureInfo.InvariantCulture, $"{value} (default)"),
        _ => "random (default)",
    };

    // One that the abstractions have no property for.
    private static ChatSetting Further(
        string name, string description, double minimum, double maximum, float value, string property) => new(
        name,
        description,
        minimum,
        maximum,
        Rounded(value),
        options => options.AdditionalProperties?.GetValueOrDefault(property) as double?,
        (options, number) => (options.AdditionalProperties ??= [])[property] = number);

    private static double Rounded(double single) => Math.Round(single, 6); // 0.7 and not 0.699999988
}
