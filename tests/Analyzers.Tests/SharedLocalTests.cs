namespace RcuModel.Analyzers.Tests;

public class SharedLocalTests
{
    [Fact]
    public Task Locals_shared_between_threads_are_reported() => Verifier.ModelCode("""
        class Scenario
        {
            private void Threads(int parameter)
            {
                var both = 0;
                Execution.Run(() => {|RCU008:both|} = 1, () => both = 2);

                var read = 0;
                Execution.Run(() => _ = read, () => {|RCU008:read|}++);

                var started = 0;
                Execution.Start("t", () => {|RCU008:started|} += 1);
                Execution.Start("t", () => Use(started));

                var byRef = 0;
                Execution.Run(() => Change(ref {|RCU008:byRef|}), () => Use(byRef));

                (int A, int B) pair = default;
                Execution.Run(() => {|RCU008:pair|}.A = 1, () => Use(pair.B));

                int x = 0, y = 0;
                Execution.Run(() => ({|RCU008:x|}, y) = (1, 2), () => Use(x));

                Execution.Run(() => {|RCU008:parameter|} = 1, () => Use(parameter));

                var nested = 0;
                Execution.Run(() => { Action inner = () => {|RCU008:nested|} = 1; inner(); }, () => Use(nested));
            }

            private static void Use(int value) { }
            private static void Change(ref int value) { }
        }
        """);

    [Fact]
    public Task Threads_may_come_with_names_in_arrays_and_in_the_background() => Verifier.ModelCode("""
        class Scenario
        {
            private void Threads()
            {
                var named = 0;
                Execution.Run(("writer", () => {|RCU008:named|} = 1), ("reader", () => Use(named)));

                var array = 0;
                Execution.Run(new Action[] { () => {|RCU008:array|} = 1, () => Use(array) });

                var list = 0;
                Execution.Run([() => {|RCU008:list|} = 1, () => Use(list)]);

                var background = 0;
                Execution.StartBackground("writer", () => {|RCU008:background|} = 1);
                Execution.Run(() => Use(background));
            }

            private static void Use(int value) { }
        }
        """);

    [Fact]
    public Task Phases_follow_each_other_but_not_what_runs_beside_them() => Verifier.ModelCode("""
        class Scenario
        {
            private void Threads()
            {
                int between = 0, within = 0, beside = 0, child = 0;
                Action next = () => between++;
                Execution.Run(() => between = 1);
                Execution.Run(next);
                Execution.Run(next);
                Execution.Run(
                    () =>
                    {
                        Execution.Run(() => { {|RCU008:beside|} = 1; within = 1; });
                        Execution.Start("t", () => {|RCU008:child|} = 1);
                        Use(within + child);
                    },
                    () => Use(beside));
            }

            private static void Use(int value) { }
        }
        """);

    [Fact]
    public Task Threads_may_be_functions_and_variables() => Verifier.ModelCode("""
        class Scenario
        {
            private void Threads()
            {
                var local = 0;
                void Writer() => {|RCU008:local|} = 1;
                void Reader() => _ = local;
                Execution.Start("t", Writer);
                Execution.Start("t", Reader);

                var other = 0;
                Action write = () => {|RCU008:other|} = 1;
                Execution.Run(write, () => _ = other);

                var twice = 0;
                Action add = () => {|RCU008:twice|}++;
                Execution.Run(add, add);
            }
        }
        """);

    [Fact]
    public Task Threads_started_in_a_loop_share_what_is_declared_outside_of_it() => Verifier.ModelCode("""
        class Scenario
        {
            private void Threads()
            {
                var sum = 0;
                for (var i = 0; i < 2; i++)
                {
                    var own = i;
                    Execution.Start("t", () => {|RCU008:sum|}++);
                    Execution.Start("t", () => own++);
                    Execution.Start("t", () => Use({|RCU008:i|}));
                }

                var last = 0;
                for (var i = 0; i < 2; i++)
                {
                    Execution.Run(() => last = i);
                }

                foreach (var item in new[] { 1, 2 })
                {
                    Execution.Start("t", () => Use(item));
                }

                Use(last);
            }

            private static void Use(int value) { }
        }
        """);

    [Fact]
    public Task Results_and_constants_of_threads_are_fine() => Verifier.ModelCode("""
        class Scenario
        {
            private void Threads()
            {
                int first = 0, second = 0, constant = 1;
                var cell = new Cell<int>(0);
                Execution.Run(
                    () => { var own = constant; own++; first = cell.ReadOnce(); },
                    () => { second = constant; second++; cell.WriteOnce(1); });
                Use(first + second);

                var phase = 0;
                Execution.Run(() => phase = 1);
                Execution.Run(() => Use(phase), () => Use(phase));

                new[] { 1 }.Where(number => number > first).ToList().ForEach(number => first += number);

                Execution.Run(() =>
                {
                    var result = 0;
                    Execution.Start("t", () => result = 1);
                    Use(result);
                });
            }

            private static void Use(int value) { }
        }
        """);

    [Fact]
    public Task Threads_of_a_nested_scenario_share_its_locals() => Verifier.ModelCode("""
        class Scenario
        {
            private void Threads() => Execution.Run(() =>
            {
                var shared = 0;
                Execution.Start("t", () => {|RCU008:shared|} = 1);
                Execution.Start("t", () => Use(shared));
            });

            private static void Use(int value) { }
        }
        """);

    [Fact]
    public Task Other_code_is_not_looked_at() => Verifier.OtherCode("""
        class Test
        {
            private void Threads()
            {
                var both = 0;
                Execution.Run(() => both = 1, () => both = 2);
            }
        }
        """);
}
