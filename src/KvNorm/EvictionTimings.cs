namespace KvNorm;

/// <summary>Milliseconds of an eviction's steps.</summary>
/// <param name="Get">Reading the state out of llama.cpp.</param>
/// <param name="Score">Scoring the rows and choosing among them.</param>
/// <param name="Gather">Moving the kept rows together and turning their keys.</param>
/// <param name="Set">Writing the state back, or removing cells.</param>
public sealed record EvictionTimings(double Get, double Score, double Gather, double Set)
{
    /// <summary>Gets the copying of rows into the archive, from which they can be recalled.</summary>
    public double Archive { get; init; }

    /// <summary>Gets the whole.</summary>
    public double Total => Get + Archive + Score + Gather + Set;
}
