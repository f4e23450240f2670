using System.Text;
using LLama.Native;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvNorm.Runtime;

/// <summary>
/// Takes llama.cpp's log, which is one for the process, to an <see cref="ILogger"/>, line by line. A callback that the application has set
/// through LLamaSharp goes on getting everything, too.
/// </summary>
internal static class LlamaLog
{
    private static readonly Lock Gate = new();
    private static readonly StringBuilder Line = new();
    private static LogLevel _level;
    private static NativeLogConfig.LLamaLogCallback? _application;

    [ThreadStatic]
    private static NativeLines? _heard;

    [ThreadStatic]
    private static CancellationToken _mutesErrors; // once it is cancelled

    /// <summary>Gets or sets where the lines go.</summary>
    public static ILogger Logger { get; set; } = NullLogger.Instance;

    public static void Attach()
    {
        _application = LlamaImports.LogCallback(null)?.Target as NativeLogConfig.LLamaLogCallback;
        NativeLogConfig.llama_log_set(OnLog);
    }

    /// <summary>Until disposed of, errors that a native call logs on this thread are traced only: they are expected.</summary>
    /// <param name="cancellationToken">That holds once it is cancelled.</param>
    public static MutedErrors MuteErrors(CancellationToken cancellationToken) => new(cancellationToken);

    /// <summary>
    /// Runs a native call and hands back, beside its result, what it logged on this thread: llama.cpp says there why it returned null, and
    /// what memory it took.
    /// </summary>
    public static (T Result, NativeLines Lines) During<T>(Func<T> call)
    {
        NativeLines lines = _heard = new NativeLines();
        try
        {
            return (call(), lines);
        }
        finally
        {
            _heard = null;
        }
    }

    // Called by native threads: nothing may be thrown from here.
    private static void OnLog(LLamaLogLevel level, string text)
    {
        lock (Gate)
        {
            try
            {
                Write(level, text ?? "");
                _application?.Invoke(level, text ?? "");
            }
            catch (Exception)
            {
                // A logger that throws must not take the process down with it; there is nowhere left to report this.
                Line.Clear();
            }
        }
    }

    private static void Write(LLamaLogLevel level, string text)
    {
        if (level != LLamaLogLevel.Continue)
            _level = _mutesErrors.IsCancellationRequested ? LogLevel.Trace : Level(level);
        Line.Append(text);
        if (!text.EndsWith('\n'))
            return;
        string line = Line.ToString().TrimEnd();
        Line.Clear();
        if (line.Length == 0)
            return;
        _heard?.Add(_level, line);
        if (Logger.IsEnabled(_level))
            Logger.Log(_level, LogMessages.NativeLine, line, null, static (state, _) => state);
    }

    // llama.cpp's info is a page per model load, so it is our debug.
    private static LogLevel Level(LLamaLogLevel level) => level switch
    {
        LLamaLogLevel.Error => LogLevel.Error,
        LLamaLogLevel.Warning => LogLevel.Warning,
        LLamaLogLevel.Info => LogLevel.Debug,
        _ => LogLevel.Trace,
    };

    /// <summary>Ends <see cref="MuteErrors"/>.</summary>
    internal readonly ref struct MutedErrors
    {
        private readonly CancellationToken _before = _mutesErrors;

        public MutedErrors(CancellationToken cancellationToken) => _mutesErrors = cancellationToken;

        public void Dispose() => _mutesErrors = _before;
    }
}
