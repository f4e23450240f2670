using KvNorm.Runtime;

namespace KvNorm.Tests.Runtime;

public sealed class LlamaLibraryTests
{
    // What glibc's loader says on a system that is too old.
    [Fact]
    public void Remedy_OldGlibc_NamesTheVersionNeeded() =>
        Assert.Contains("glibc 2.34 or newer", LlamaLibrary.Remedy("/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by libllama.so)"), StringComparison.Ordinal);

    [Fact]
    public void Remedy_OtherReason_NamesTheVariable() =>
        Assert.Contains(LlamaLibrary.DirectoryVariable, LlamaLibrary.Remedy("invalid ELF header"), StringComparison.Ordinal);
}
