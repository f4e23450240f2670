using KvNorm.Runtime;

namespace KvNorm.Tests.Runtime;

public sealed class NativeBufferTests
{
    [Theory]
    [InlineData("load_tensors:   CPU_Mapped model buffer size =    92.10 MiB", "CPU", "model", 96_573_849)]
    [InlineData("load_tensors:        CUDA0 model buffer size =  4403.50 MiB", "CUDA0", "model", 4_617_404_416)]
    [InlineData("llama_kv_cache:        CPU KV buffer size =    22.50 MiB", "CPU", "KV", 23_592_960)]
    [InlineData("llama_context:  CUDA_Host  output buffer size =     0.25 MiB", "CPU", "output", 262_144)]
    [InlineData("sched_reserve:    Vulkan0 compute buffer size =    14.50 MiB", "Vulkan0", "compute", 15_204_352)]
    [InlineData("llama_memory_recurrent:        CPU RS buffer size =     1.00 MiB", "CPU", "RS", 1_048_576)]
    public void Parse_LineOfABuffer_HasItsDevicePurposeAndSize(string line, string device, string purpose, long bytes) =>
        Assert.Equal(new NativeBuffer(device, purpose, bytes), NativeBuffer.Parse(line));

    [Theory]
    [InlineData("")]
    [InlineData("~llama_context:        CPU compute buffer size is   1.5352 MiB, matches expectation of   1.5352 MiB")]
    [InlineData("sched_reserve:        CPU compute buffer size = many MiB")]
    [InlineData("sched_reserve:        CPU compute buffer size = 1.2.3 MiB")]
    [InlineData("sched_reserve:        CPU compute buffer size = 14.50 MiB and more")]
    [InlineData("llama_kv_cache: size =   22.50 MiB (  1024 cells,  30 layers,  1/1 seqs), K (f16):   11.25 MiB, V (f16):   11.25 MiB")]
    public void Parse_OtherLine_IsNull(string line) => Assert.Null(NativeBuffer.Parse(line));
}
