using System.Globalization;
using KvNorm.Tests.Gguf;

// What tests start as a process of its own, since it may end that process.
if (args is [ChangedModelLoader.Command, var first, var end])
    ChangedModelLoader.Run(int.Parse(first, CultureInfo.InvariantCulture), int.Parse(end, CultureInfo.InvariantCulture));
