using System.Runtime.InteropServices;

namespace KvNorm.Runtime;

/// <summary>
/// The beginning of a ggml_tensor, up to its name. Read only after <see cref="GgmlLayout"/> has found the loaded library's to be the same.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GgmlTensor
{
    public const int Dimensions = 4, Sources = 10, NameLength = 64;

    /// <summary>ggml's number for f32.</summary>
    public const int Single = 0;

    private const int ParameterBytes = 64;

    public int Type;

    /// <summary>The ggml_backend_buffer its data lies in.</summary>
    public nint Buffer;

    /// <summary>Elements of each dimension, (dimensions).</summary>
    public fixed long Elements[Dimensions];

    /// <summary>Bytes from one element of a dimension to the next, (dimensions).</summary>
    public fixed long Strides[Dimensions];

    public int Operation;

    public fixed int Parameters[ParameterBytes / sizeof(int)];

    public int Flags;

    /// <summary>The tensors it is computed from, (sources); 0 for none.</summary>
    public fixed long SourceAddresses[Sources];

    /// <summary>The tensor that this is a view of; null for none.</summary>
    public GgmlTensor* ViewOf;

    public nuint ViewOffset;

    public nint Data;

    /// <summary>UTF-8 with a zero byte after it.</summary>
    public fixed byte NameBytes[NameLength];

    /// <summary>A tensor that this one is computed from; null where there are fewer.</summary>
    public readonly GgmlTensor* Source(int index) => (GgmlTensor*)SourceAddresses[index];

    /// <summary>A parameter of its operation.</summary>
    public readonly float Parameter(int index) => BitConverter.Int32BitsToSingle(Parameters[index]);

    /// <summary>Whether its name begins with some text, and which number stands after that.</summary>
    public readonly bool TryGetNumber(ReadOnlySpan<byte> prefix, out int number)
    {
        number = -1;
        fixed (byte* first = NameBytes)
        {
            ReadOnlySpan<byte> name = new(first, NameLength);
            int end = name.IndexOf((byte)0);
            return name.StartsWith(prefix) && end > prefix.Length && int.TryParse(name[prefix.Length..end], out number) && number >= 0;
        }
    }
}
