namespace KvNorm.Cli.Bench;

/// <summary>The shape of a model's cache.</summary>
/// <param name="Name">How it is asked for.</param>
/// <param name="Layers">Layers.</param>
/// <param name="Heads">KV heads of a layer.</param>
/// <param name="HeadLength">Elements of a head's key, and of its value.</param>
internal sealed record ModelGeometry(string Name, int Layers, int Heads, int HeadLength)
{
    /// <summary>All that can be asked for: of the embedded model, and of an 8B Llama.</summary>
    public static readonly IReadOnlyList<ModelGeometry> All = [new("embedded", 30, 3, 64), new("8b", 32, 8, 128)];

    /// <summary>The shape of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static ModelGeometry Named(string name) => All.FirstOrDefault(geometry => geometry.Name == name)
        ?? throw new ArgumentException(
            $"There is no geometry '{name}'; there are {string.Join(", ", All.Select(static geometry => geometry.Name))}.");
}
