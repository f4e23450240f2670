using System.Collections.Concurrent;
using System.Diagnostics;

namespace KvNorm.Acceptance.Tests.ExtensionsAi;

/// <summary>Records the activities of some sources below one of its own, so that tests side by side do not see each other's.</summary>
internal sealed class ActivityRecorder : IDisposable
{
    private readonly ConcurrentQueue<Activity> _stopped = new();
    private readonly ActivityListener _listener;
    private readonly Activity _root;

    public ActivityRecorder(params string[] sources)
    {
        _root = new Activity("test").SetParentId(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom()).Start();
        _listener = new ActivityListener
        {
            ShouldListenTo = source => sources.Contains(source.Name, StringComparer.Ordinal),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = _stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Gets what has ended, in the order of its end.</summary>
    public IReadOnlyList<Activity> Stopped => [.. _stopped.Where(activity => activity.TraceId == _root.TraceId)];

    public void Dispose()
    {
        _listener.Dispose();
        _root.Dispose();
    }
}
