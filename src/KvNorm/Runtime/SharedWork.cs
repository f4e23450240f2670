namespace KvNorm.Runtime;

/// <summary>
/// Work that serves all callers. It is started apart from the ambient values (traces, <see cref="AsyncLocal{T}"/>) of the one whose request
/// happens to start it: those are not the others', and would be kept for as long as it goes on.
/// </summary>
internal static class SharedWork
{
    public static Task Start(Func<Task> start)
    {
        if (ExecutionContext.IsFlowSuppressed())
            return start();
        using (ExecutionContext.SuppressFlow())
            return start();
    }
}
