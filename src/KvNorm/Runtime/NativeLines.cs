using Microsoft.Extensions.Logging;

namespace KvNorm.Runtime;

/// <summary>What llama.cpp logged during a call.</summary>
internal sealed class NativeLines
{
    private readonly List<string> _errors = [];
    private readonly List<NativeBuffer> _buffers = [];

    /// <summary>Gets the errors in one line; empty for none.</summary>
    public string Errors => string.Join("; ", _errors);

    /// <summary>The errors in one line, or something else where there are none.</summary>
    public string ErrorsOr(string otherwise) => _errors.Count > 0 ? Errors : otherwise;

    /// <summary>Gets the memory that was taken.</summary>
    public IReadOnlyList<NativeBuffer> Buffers => _buffers;

    public void Add(LogLevel level, string line)
    {
        if (level >= LogLevel.Error)
            _errors.Add(line.Trim());
        else if (NativeBuffer.Parse(line) is { } buffer)
            _buffers.Add(buffer);
    }
}
