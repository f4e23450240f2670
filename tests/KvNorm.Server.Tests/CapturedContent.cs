using System.Runtime.CompilerServices;

namespace KvNorm.Server.Tests;

/// <summary>
/// Has all tests run with the variable by which OpenTelemetry's clients tell the text of messages: ours does not. It is read once in a
/// process, before any test.
/// </summary>
internal static class CapturedContent
{
#pragma warning disable CA2255 // this is no library
    [ModuleInitializer]
    internal static void AskFor() => Environment.SetEnvironmentVariable("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true");
#pragma warning restore CA2255
}
