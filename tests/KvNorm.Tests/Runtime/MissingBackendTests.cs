using System.Runtime.InteropServices;
using KvNorm.Runtime;

namespace KvNorm.Tests.Runtime;

public sealed class MissingBackendTests
{
    [Theory]
    [InlineData("/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by libggml-base.so)", "glibc 2.34 or newer")]
    [InlineData("libgomp.so.1: cannot open shared object file: No such file or directory", "apt-get install libgomp1")]
    [InlineData("invalid ELF header", "LLamaSharp.Backend.Cpu")]
    public void Remedy_WhatTheLoaderSays_NamesWhatToDo(string message, string remedy)
    {
        string sentence = MissingBackend.Remedy(message);
        Assert.Contains(remedy, sentence, StringComparison.Ordinal);
        Assert.Contains(message, sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Reason_NoRuntimesFolder_NamesThePackage()
    {
        using TemporaryFolder folder = new();
        Assert.Contains(
            "add the package LLamaSharp.Backend.Cpu",
            MissingBackend.Reason(folder.Path, static _ => "not asked"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Reason_LibrariesOfOtherPlatformsOnly_NamesThePackage()
    {
        using TemporaryFolder folder = new();
        Write(folder, "linux-riscv64");
        Assert.Contains("add the package", MissingBackend.Reason(folder.Path, static _ => "not asked"), StringComparison.Ordinal);
    }

    [Fact]
    public void Reason_LibraryThatDoesNotLoad_SaysWhatTheLoaderSays()
    {
        using TemporaryFolder folder = new();
        Write(folder, RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "linux-musl-x64" : Identifier);
        Assert.Contains("libgomp1", MissingBackend.Reason(folder.Path, static _ => "libgomp.so.1: cannot open"), StringComparison.Ordinal);
        Assert.Contains(
            "none of them runs on this processor", MissingBackend.Reason(folder.Path, static _ => null), StringComparison.Ordinal);
    }

    private static string Identifier =>
        $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-"
        + $"{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    private static void Write(TemporaryFolder folder, string identifier)
    {
        string native = Path.Combine(folder.Path, "runtimes", identifier, "native");
        Directory.CreateDirectory(native);
        string name = OperatingSystem.IsWindows() ? "ggml-base.dll" : OperatingSystem.IsMacOS() ? "libggml-base.dylib" : "libggml-base.so";
        File.WriteAllText(Path.Combine(native, name), "This is no library.");
    }
}
