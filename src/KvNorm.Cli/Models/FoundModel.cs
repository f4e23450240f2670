namespace KvNorm.Cli.Models;

/// <summary>A model file that was found.</summary>
/// <param name="Place">Whose folder it lies in.</param>
/// <param name="Path">Where.</param>
/// <param name="Bytes">Its length; null, as all that follows, where it cannot be read.</param>
/// <param name="Architecture">The family of the model.</param>
/// <param name="FileType">How most weights are stored; null where it does not say.</param>
/// <param name="TrainedLength">The tokens that the model was trained for; null where it does not say.</param>
/// <param name="Problem">Why it cannot be read, in a word; null where it can.</param>
internal sealed record FoundModel(
    string Place, string Path, long? Bytes, string? Architecture, string? FileType, int? TrainedLength, string? Problem)
{
    /// <summary>Reads what a file says of itself.</summary>
    public static FoundModel Read(string place, string path)
    {
        try
        {
            KvNormModelFile file = KvNormModelFile.Read(path);
            return new FoundModel(place, path, file.Bytes, file.Architecture, file.FileType, file.TrainedLength, null);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return new FoundModel(place, path, null, null, null, null, Word(e));
        }
    }

    private static string Word(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "missing", // a link to nothing
        UnauthorizedAccessException => "forbidden",
        InvalidDataException => "invalid",
        _ => "unreadable",
    };
}
