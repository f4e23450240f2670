using System.Globalization;
using KvNorm.Tests.Chat;
using KvNorm.Tests.Gguf;

// What tests start as a process of its own, since it may end that process, or looks at all of it.
if (args is [ChangedModelLoader.Command, var first, var end])
    ChangedModelLoader.Run(int.Parse(first, CultureInfo.InvariantCulture), int.Parse(end, CultureInfo.InvariantCulture));
if (args is [ClientTurnover.Command, var count, var kind])
    await ClientTurnover.RunAsync(int.Parse(count, CultureInfo.InvariantCulture), overSharedWeights: kind == ClientTurnover.Shared);
if (args is [ClientMemory.Command, var path, var cells, var archive])
    await ClientMemory.RunAsync(path, int.Parse(cells, CultureInfo.InvariantCulture), long.Parse(archive, CultureInfo.InvariantCulture));
