namespace KvNorm.Tests.Gguf;

/// <summary>Draws the tensors of a file.</summary>
internal sealed class TinyWeights(GgufWriter file, int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>A matrix that keeps the size of what it is multiplied with.</summary>
    public float[] Matrix(string name, int columns, int rows)
    {
        float[] numbers = Normal(columns * rows, 1 / Math.Sqrt(columns));
        Add(name, numbers, columns, rows);
        return numbers;
    }

    /// <summary>A matrix for each of some experts.</summary>
    public void Matrices(string name, int columns, int rows, int count) =>
        file.AddTensor(name, Normal(columns * rows * count, 1 / Math.Sqrt(columns)), columns, rows, count);

    public void Add(string name, float[] numbers, params int[] shape) => file.AddTensor(name, numbers, shape);

    public void Bias(string name, params int[] shape) => file.AddTensor(name, Normal(Product(shape), 0.5), shape);

    public void Ones(string name, params int[] shape) => Constant(name, 1, shape);

    public void Constant(string name, float number, params int[] shape) =>
        file.AddTensor(name, [.. Enumerable.Repeat(number, Product(shape))], shape);

    private static int Product(int[] shape) => shape.Aggregate(1, static (product, size) => product * size);

    private float[] Normal(int count, double deviation)
    {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++)
            numbers[i] = (float)(
                deviation * Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble()));
        return numbers;
    }
}
