namespace KvNorm.Runtime.Gguf;

/// <summary>What the header says of a tensor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">As ggml has it: the contiguous dimension first.</param>
/// <param name="Type">How its elements are stored.</param>
/// <param name="Start">Where in the file it begins.</param>
/// <param name="Length">Its bytes.</param>
internal sealed record GgufTensor(string Name, IReadOnlyList<long> Shape, GgufTensorType Type, long Start, long Length);
