namespace RcuModel.Analyzers.Tests;

public class CatchAllTests
{
    [Fact]
    public Task Handlers_that_swallow_everything_are_reported() => Verifier.ModelCode("""
        class Walker
        {
            private int Walk(bool b)
            {
                try { } {|RCU007:catch|} { }
                try { } {|RCU007:catch|} (Exception) { }
                try { } {|RCU007:catch|} (Exception e) { _ = e; }
                try { } {|RCU007:catch|} (Exception) when (true) { }
                try { } {|RCU007:catch|} (Exception) { if (b) { throw; } }
                try { } {|RCU007:catch|} (Exception) { if (b) { return 1; } throw; }
                try { } {|RCU007:catch|} (Exception e) { throw new InvalidOperationException("", e); }
                try { } {|RCU007:catch|} (Exception e) { if (b) { throw new InvalidOperationException("", e); } throw; }
                while (b) { try { } {|RCU007:catch|} { if (b) { break; } throw; } }
                Action lambda = () => { try { } {|RCU007:catch|} { } };
                return 0;
            }
        }
        """);

    [Fact]
    public Task Handlers_that_let_the_abandonment_pass_are_fine() => Verifier.ModelCode("""
        class Walker
        {
            private void Walk(bool b)
            {
                try { } catch (InvalidOperationException) { }
                try { } catch (Exception e) when (e is not AbandonedException) { }
                try { } catch when (b) { }
                try { } catch { throw; }
                try { } catch (Exception) { Log(); throw; }
                try { } catch (Exception) { if (b) { throw; } else { Log(); throw; } }
                try { } catch (Exception) { Action log = () => throw new InvalidOperationException(); throw; }
                try { } finally { Log(); }
            }

            private void Log() { }
        }
        """);

    [Fact]
    public Task Other_code_may_catch_everything() => Verifier.OtherCode("""
        class Program { private void Main() { try { } catch (Exception) { } } }
        """);
}
