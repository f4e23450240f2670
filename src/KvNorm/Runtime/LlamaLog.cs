using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvNorm.Runtime;

/// <summary>Takes llama.cpp's log, which is one for the process, to an <see cref="ILogger"/>, line by line.</summary>
internal static unsafe class LlamaLog
{
    private const int Continuation = 5; // GGML_LOG_LEVEL_CONT: the text goes on with the level of the text before

    private static readonly Lock Gate = new();
    private static readonly StringBuilder Line = new();
    private static LogLevel _level;

    [ThreadStatic]
    private static StringBuilder? _errors;

    /// <summary>Gets or sets where the lines go.</summary>
    public static ILogger Logger { get; set; } = NullLogger.Instance;

    public static void Attach() => LlamaNative.llama_log_set(&OnLog, null);

    /// <summary>Runs a native call and hands back, beside its result, the errors it logged on this thread: llama.cpp says there why it returned null.</summary>
    public static (T Result, string Errors) WithErrors<T>(Func<T> call)
    {
        StringBuilder errors = _errors = new StringBuilder();
        try
        {
            T result = call();
            return (result, string.Join("; ", errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));
        }
        finally
        {
            _errors = null;
        }
    }

    // Called by native threads: nothing may be thrown from here.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(int level, byte* text, void* userData)
    {
        lock (Gate)
        {
            try
            {
                Write(level, Marshal.PtrToStringUTF8((nint)text) ?? "");
            }
            catch (Exception)
            {
                // A logger that throws must not take the process down with it; there is nowhere left to report this.
                Line.Clear();
            }
        }
    }

    private static void Write(int level, string text)
    {
        if (level != Continuation)
            _level = Level(level);
        if (_level >= LogLevel.Error)
            _errors?.Append(text);
        Line.Append(text);
        if (!text.EndsWith('\n'))
            return;
        string line = Line.ToString().TrimEnd();
        Line.Clear();
        if (line.Length > 0 && Logger.IsEnabled(_level))
            Logger.Log(_level, LogMessages.NativeLine, line, null, static (state, _) => state);
    }

    // ggml: 1 debug, 2 info, 3 warning, 4 error. llama.cpp's info is a page per model load, so it is our debug.
    private static LogLevel Level(int level) => level switch
    {
        4 => LogLevel.Error,
        3 => LogLevel.Warning,
        2 => LogLevel.Debug,
        _ => LogLevel.Trace,
    };
}
