using System.Buffers;
using System.ComponentModel;
using System.Globalization;
using KvNorm.Hosting;
using KvNorm.KvCache.Eviction;
using KvNorm.KvCache.State;
using KvNorm.Runtime;

namespace KvNorm;

/// <summary>
/// How large the KV cache may become: an amount of memory or a number of cells (a cell holds one token over all layers and heads).
/// The cache is allocated once and never grows; when the high mark is reached, rows are evicted down to the low mark.
/// </summary>
[TypeConverter(typeof(BudgetConverter))]
public sealed record KvCacheBudget
{
    /// <summary>The minimum of cells: fewer leave no room for a conversation beside the first tokens and the recent window.</summary>
    public const int MinimumCells = 32;

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private const string AutoName = "auto";

    private readonly long? _bytes;
    private readonly int? _cells;

    private KvCacheBudget(long? bytes, int? cells) => (_bytes, _cells) = (bytes, cells);

    /// <summary>
    /// Gets a budget of what is left once the weights are loaded: nine tenths of the memory of the GPUs that hold the cache, and half of
    /// the host's for the cache and the copy that an eviction makes there, whichever is less; never more than the model was trained for.
    /// It is found out when the cache is made: <see cref="KvCacheStatistics.AllocatedBytes"/> and a line in the log say how much it is.
    /// </summary>
    public static KvCacheBudget Auto { get; } = new(null, null);

    /// <summary>Gets whether it is <see cref="Auto"/>, with any marks.</summary>
    public bool IsAuto => _bytes is null && _cells is null;

    /// <summary>Gets the bytes, where it is a budget of memory; null for one of cells.</summary>
    public long? Bytes => _bytes;

    /// <summary>Gets the cells, where it is a budget of cells; null for one of memory.</summary>
    public int? Cells => _cells;

    /// <summary>Gets the share of the cells that may be used before rows are evicted, above <see cref="LowMark"/> and at most 1.</summary>
    public double HighMark { get; init; } = 1;

    /// <summary>Gets the share of the cells that is in use after an eviction, above 0.</summary>
    public double LowMark { get; init; } = 0.5;

    /// <summary>A budget of some memory, rounded down to llama.cpp's steps of 256 cells.</summary>
    /// <param name="bytes">Bytes for keys and values of all layers.</param>
    /// <exception cref="ArgumentOutOfRangeException">They are not above 0.</exception>
    public static KvCacheBudget FromBytes(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        return new KvCacheBudget(bytes, null);
    }

    /// <summary>A budget of some memory in MiB (1,048,576 bytes).</summary>
    /// <param name="mebibytes">MiB for keys and values of all layers.</param>
    /// <exception cref="ArgumentOutOfRangeException">They are less than a byte, or 10<sup>9</sup> or more.</exception>
    public static KvCacheBudget FromMebibytes(double mebibytes)
    {
        if (!(mebibytes > 0 && mebibytes < 1e9))
            throw new ArgumentOutOfRangeException(nameof(mebibytes), mebibytes, "A budget must be above 0 MiB.");
        return FromBytes((long)(mebibytes * (1 << 20)));
    }

    /// <summary>A budget of some tokens. The memory allocated is rounded up to llama.cpp's steps of 256 cells.</summary>
    /// <param name="cells">Tokens that may be held, at least 32.</param>
    /// <exception cref="ArgumentOutOfRangeException">They are fewer.</exception>
    public static KvCacheBudget FromCells(int cells)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cells, MinimumCells);
        return new KvCacheBudget(null, cells);
    }

    /// <summary>
    /// Reads "24MiB", "1.5GiB", "512KiB", "1024cells" or "auto"; K, M and G alone are KiB, MiB and GiB; KB, MB and GB are powers of 1000.
    /// </summary>
    /// <param name="text">A number and its unit.</param>
    /// <exception cref="FormatException">The text is not such an amount.</exception>
    public static KvCacheBudget Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim();
        if (trimmed.Equals(AutoName, StringComparison.OrdinalIgnoreCase))
            return Auto;
        int unitAt = trimmed.IndexOfAnyExcept(NumberCharacters);
        string unit = unitAt < 0 ? "" : trimmed[unitAt..].Trim().ToString();
        ReadOnlySpan<char> number = trimmed[..Math.Max(0, unitAt)];
        if (double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double amount))
        {
            double bytes = amount * BytesOf(unit.ToUpperInvariant());
            if (bytes is >= 1 and < 1e15)
                return FromBytes((long)bytes);
            bool isCells = unit.Equals("cells", StringComparison.OrdinalIgnoreCase);
            if (isCells && amount is >= MinimumCells and <= int.MaxValue && double.IsInteger(amount))
                return FromCells((int)amount);
        }

        throw new FormatException(
            $"'{text}' is not a budget: write a number above 0 with KiB, MiB or GiB, or KB, MB or GB, such as 24MiB, "
            + $"or at least {MinimumCells} cells, such as 1024cells, or {AutoName}.");
    }

    private static double BytesOf(string unit) => unit switch
    {
        "KIB" or "K" => 1L << 10,
        "MIB" or "M" => 1L << 20,
        "GIB" or "G" => 1L << 30,
        "KB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        _ => 0,
    };

    /// <summary>The cells that each conversation gets with a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="slots">Conversations that get equal shares.</param>
    /// <exception cref="InvalidOperationException">
    /// The marks are no shares in order, or it is <see cref="Auto"/>, which depends on the memory left when a cache is made.
    /// </exception>
    /// <exception cref="KvCacheBudgetException">Not even the minimum of cells fits.</exception>
    public int GetCells(KvNormModelFacts model, int slots = 1)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        CellCost cost = new(model.BytesPerCell, model.WindowBytesPerCell, model.SlidingWindow);
        return Resolve(cost, model.TrainedLength, slots).Cells;
    }

    /// <summary>What the budget comes to for a model.</summary>
    /// <param name="cost">What cells cost.</param>
    /// <param name="trainedLength">Tokens the model was trained to read at once, which more cells could not serve; 0 when unknown.</param>
    /// <param name="slots">Conversations that get equal shares.</param>
    /// <exception cref="InvalidOperationException">The marks are no shares in order.</exception>
    /// <exception cref="KvCacheBudgetException">Not even the minimum of cells fits.</exception>
    internal CacheCapacity Resolve(CellCost cost, int trainedLength, int slots = 1)
    {
        Validate();
        if (IsAuto)
            throw new InvalidOperationException("How many cells an automatic budget gives is known when the cache is made.");
        int minimum = _cells is null ? LlamaContext.CellPadding : MinimumCells;
        long cells = _cells / slots ?? cost.CellsIn(_bytes!.Value / slots) / LlamaContext.CellPadding * LlamaContext.CellPadding;
        if (cells < minimum)
        {
            string forSlots = slots > 1 ? $" for each of {slots} slots" : "";
            long available = _cells ?? cost.CellsIn(_bytes!.Value);
            throw new KvCacheBudgetException(
                $"{this} hold {available} cells of this model; at least {minimum} cells{forSlots} are needed, "
                + $"so the minimum budget is {(double)cost.BytesOf(minimum) * slots / (1 << 20):0.##} MiB.",
                (long)minimum * slots,
                available);
        }

        return CapacityOf((int)Math.Min(cells, trainedLength > 0 ? trainedLength : int.MaxValue));
    }

    /// <summary>Some cells with their marks.</summary>
    internal CacheCapacity CapacityOf(int cells)
    {
        int low = Math.Clamp((int)(cells * LowMark), 1, cells - 1);
        return new CacheCapacity(cells, Math.Max(low + 1, (int)(cells * HighMark)), low);
    }

    /// <summary>The budget with a number of bytes and the same marks.</summary>
    internal KvCacheBudget WithBytes(long bytes) => new(bytes, null) { HighMark = HighMark, LowMark = LowMark };

    internal void Validate()
    {
        if (!(LowMark > 0 && LowMark < HighMark && HighMark <= 1))
            throw new InvalidOperationException($"The marks must be 0 < low < high <= 1; they are {LowMark} and {HighMark}.");
    }

    /// <inheritdoc/>
    public override string ToString() =>
        IsAuto ? AutoName
        : _cells is { } cells ? $"{cells} cells"
        : _bytes < 1 << 20 ? $"{_bytes / (double)(1 << 10):0.##} KiB"
        : $"{_bytes / (double)(1 << 20):0.##} MiB";
}
