namespace KvNorm.Server.Tests.Clients;

/// <summary>A test that is skipped where a program is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(string program)
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        string name = OperatingSystem.IsWindows() ? program + ".exe" : program;
        if (!Array.Exists(folders, folder => File.Exists(Path.Combine(folder, name))))
            Skip = $"{program} is not installed.";
    }
}
