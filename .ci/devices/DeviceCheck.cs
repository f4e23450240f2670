// A cache on a device against one on the CPU: dotnet run DeviceCheck.cs FOLDER_OF_LIBRARIES MODEL
#:project ../../src/KvNorm/KvNorm.csproj
#:property TreatWarningsAsErrors=true
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using KvNorm;
using LLama.Native;

foreach (string name in (string[])["libggml-base.so", "libggml.so"]) // LLamaSharp finds these by name only once they are loaded
    NativeLibrary.Load(Path.Combine(args[0], name));
NativeLibraryConfig.LLama.WithLibrary(Path.Combine(args[0], "libllama.so"));
IReadOnlyList<KvNormDevice> devices = KvNormRuntimeFacts.Get().Devices;
Console.WriteLine($"devices: {string.Join(", ", devices.Select(device => $"{device.Name} ({device.Description})"))}");
if (devices.All(device => device.Name == "CPU"))
    return 1;

var cpu = Run(0);
bool[] same = [Compare("15 layers", Run(15)), Compare("all layers", Run(99))];
return same.All(equal => equal) ? 0 : 1;

// The text, an eviction to a half, the question.
(float[] Before, float[] After, double[] Held, bool Finds) Run(int layers)
{
    using KvCacheSession session = KvCacheSession.Create(new KvNormChatOptions
    {
        ModelPath = args[1], KvCacheBudget = KvCacheBudget.FromCells(640), GpuLayers = layers, Threads = 2,
    });
    session.Prefill(Prose());
    float[] before = session.NextLogits.ToArray();
    int rows = session.Tokens.Count;
    session.Evict(rows / 2);
    TokenRetention[] held = [.. session.GetRetention()];
    session.Prefill("\nQuestion: What is the magic number for harbor?\nAnswer: The magic number for harbor is");
    float[] after = session.NextLogits.ToArray();
    string answer = session.Generate(10).Trim();
    Console.WriteLine($"{layers} layers on the device: {rows} rows to {rows / 2}, then \"{answer}\"");
    return (before, after, [.. held.Select(token => (double)token.Held)], answer.Contains("4821356", StringComparison.Ordinal));
}

// The devices round otherwise, and a row at the edge may stay on one and go on the other.
bool Compare(string name, (float[] Before, float[] After, double[] Held, bool Finds) arm)
{
    double before = Divergence(cpu.Before, arm.Before), after = Divergence(cpu.After, arm.After);
    double rows = 1 - (cpu.Held.Zip(arm.Held, (a, b) => Math.Abs(a - b)).Sum() / (2 * cpu.Held.Sum()));
    bool equal = before < 0.02 && after < 0.1 && rows > 0.95 && cpu.Finds && arm.Finds;
    Console.WriteLine($"{name}: KL divergence from the CPU {before:0.0000} before and {after:0.0000} after the eviction, "
        + $"{100 * rows:0.0} % of the rows the same, number found: {arm.Finds}{(equal ? "" : ": not the same")}");
    return equal;
}

static double Divergence(float[] expected, float[] found)
{
    float[] p = new float[expected.Length], q = new float[expected.Length];
    TensorPrimitives.SoftMax(expected, p);
    TensorPrimitives.SoftMax(found, q);
    return p.Zip(q, (a, b) => a > 0 ? a * Math.Log(a / Math.Max(b, float.Epsilon)) : 0).Sum();
}

static string Prose()
{
    string[] who = ["The baker", "An old sailor", "My neighbour", "The teacher", "A young painter", "The doctor", "Her brother"];
    string[] what = ["walked along", "looked at", "wrote about", "remembered", "asked for", "talked about"];
    string[] where = ["the narrow street", "a broken clock", "the market by the river", "an empty house", "the long winter"];
    IEnumerable<string> sentences = Enumerable.Range(0, 14)
        .Select(i => i == 3
            ? "The magic number for harbor is 4821356."
            : $"{who[i % 7]} {what[i % 6]} {where[i * 3 % 5]} for {i + 2} days.");
    return string.Join(' ', sentences);
}
