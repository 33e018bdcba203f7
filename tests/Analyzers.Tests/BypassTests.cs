namespace RcuModel.Analyzers.Tests;

public class BypassTests
{
    private const string Bypasses = """
        class Walker
        {
            private readonly object _gate = new();
            private Cell<int> _count;
            [ThreadStatic] private static int {|RCU006:t_depth|};

            private async Task Bypass(
                System.Threading.Lock gate, IAsyncEnumerable<int> items, System.Threading.ThreadLocal<int> local)
            {
                var numbers = new int[1];
                {|RCU006:lock|} (_gate) { }
                {|RCU006:lock|} (gate) { }
                {|RCU006:System.Threading.Interlocked.Increment(ref numbers[0])|};
                {|RCU006:System.Threading.Volatile.Read(ref numbers[0])|};
                {|RCU006:System.Threading.Monitor.Enter(_gate)|};
                {|RCU006:System.Threading.Thread.MemoryBarrier()|};
                _ = {|RCU006:new System.Threading.Thread(() => { })|};
                _ = {|RCU006:System.Threading.Thread.CurrentThread|};
                _ = {|RCU006:new System.Threading.SemaphoreSlim(1)|};
                _ = {|RCU006:new System.Threading.Lock()|};
                _ = {|RCU006:new Lazy<int>(() => 1)|};
                _ = {|RCU006:local.Value|};
                _ = {|RCU006:System.Threading.Channels.Channel.CreateUnbounded<int>()|};
                _ = {|RCU006:Task.Run(() => 1)|};
                Action<int> sleep = {|RCU006:System.Threading.Thread.Sleep|};
                {|RCU006:await Later()|};
                {|RCU006:await|} foreach (var item in items) { }
                {|RCU006:await|} using (var resource = (IAsyncDisposable)null!) { }
                {|RCU006:await|} using var other = (IAsyncDisposable)null!;
            }

            private Task Later() => null!;

            [MethodImpl(MethodImplOptions.Synchronized)]
            private void {|RCU006:Locked|}() { }
        }
        """;

    [Fact]
    public Task Threads_locks_and_atomics_are_reported() => Verifier.ModelCode(Bypasses);

    [Fact]
    public Task Other_code_may_use_them() =>
        Verifier.OtherCode(Bypasses.Replace("{|RCU006:", "").Replace("|}", ""));

    [Fact]
    public Task What_the_hook_sees_is_fine() => Verifier.ModelCode("""
        class Walker
        {
            private Cell<int> _count;
            private SpinLock _lock;

            private void Walk(System.Threading.CancellationToken token)
            {
                _lock.Lock();
                _count.WriteOnce(_count.ReadOnce() + 1);
                _lock.Unlock();
                Execution.Run(() => _count.WriteOnce(1));
                token.ThrowIfCancellationRequested();
                _ = nameof(System.Threading.Interlocked);
                using var resource = (IDisposable)null!;
                foreach (var i in new[] { 1 }) { }
            }
        }
        """);
}
