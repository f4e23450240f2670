using System.Globalization;

namespace KvNorm.Runtime.Gguf;

/// <summary>Whether the tensors are those of the layers that the header speaks of.</summary>
internal static class GgufLayers
{
    private const string LayerPrefix = "blk.";

    /// <summary>
    /// Requires that every layer has tensors, and that vectors are stored in the one type that llama.cpp adds and scales by.
    /// </summary>
    /// <param name="header">The header, whose hyperparameters are possible.</param>
    /// <param name="tensors">The tensors of all parts of the model.</param>
    /// <exception cref="InvalidDataException">A layer has none, or a vector is of another type.</exception>
    public static void Require(GgufHeader header, IReadOnlyList<GgufTensor> tensors)
    {
        string key = $"{header.Metadata["general.architecture"].Text}.block_count";
        if (!header.Metadata.TryGetValue(key, out GgufValue? value) || !value.IsNumber)
            throw header.Refuse($"it does not say how many layers it has ({key})");
        int layers = (int)value.Numbers[0];
        HashSet<int> found = [.. tensors.Select(static tensor => LayerOf(tensor.Name))];
        for (int layer = 0; layer < layers; layer++)
        {
            if (!found.Contains(layer))
                throw header.Refuse($"{key} is {layers}, but there are no tensors of layer {layer}");
        }

        foreach (GgufTensor tensor in tensors)
        {
            if (tensor.Shape.Count == 1 && !tensor.Type.IsF32)
                throw header.Refuse($"the tensor '{tensor.Name}' has one dimension and is stored as {tensor.Type.Name}; F32 is possible");
        }
    }

    // -1 for a tensor of no layer. An encoder's and its decoder's layers have a name before their number.
    private static int LayerOf(string name)
    {
        int at = name.IndexOf(LayerPrefix, StringComparison.Ordinal);
        if (at < 0)
            return -1;
        string number = name[(at + LayerPrefix.Length)..].Split('.')[0];
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int layer) ? layer : -1;
    }
}
