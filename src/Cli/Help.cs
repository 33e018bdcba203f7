using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace RcuModel.Cli;

/// <summary>The usual help, followed by what a newcomer needs: examples, the exit codes, and where to read on.</summary>
internal sealed class Help(HelpAction usual) : SynchronousCommandLineAction
{
    private const string Examples = """
        Examples:
          rcumodel list                      what there is
          rcumodel check                     everything: three or four minutes on 2 cores
          rcumodel check ticket-2            one scenario; if it is violated, how
          rcumodel check locks 'toyrcu(*)'   a group, and whatever fits a pattern
          rcumodel check racy-counter        what a counterexample looks like
          rcumodel check mutants             whether each seeded fault is found, and how fast
          rcumodel check 'ticket-2/*'        the seeded faults of one scenario
          rcumodel check mcs-3 --strategy pct --depth 4 --executions 100000
          rcumodel check mcs-3 --engine coyote --strategy fair-pct         the same, run by Microsoft.Coyote
          rcumodel check --json > result.json
          rcumodel check 'lockers(3,6)' --workers 2 --checkpoint run     killed, the same command goes on
          rcumodel stress 'ticket-2/*'       real threads; what fails is explained by the explorer
          rcumodel matrix --quick            every design of the reverse map beside the others
          rcumodel matrix --quick --assembly my.dll  and yours among them
          rcumodel mm run script.mm --draw out.svg   what system calls do to VMAs, anon_vmas and folios
          rcumodel mm compare --scripts 1000         does the model do what the kernel of this machine does?
          rcumodel bench claims                      what designs cost on real threads
          rcumodel bench sweep --over depth          and how that grows; bench kernel: what the live kernel costs beside them
          rcumodel replay rcumodel-traces/racy-counter.json --width 72
          rcumodel torture rcu --torture-type rcu-qsbr --duration 60       as rcutorture does, on real threads
          rcumodel torture rcu --torture-type busted                       broken on purpose: is it caught?
          rcumodel torture locks --torture-type rwsem_lock                 as locktorture does
          rcumodel torture range --torture-type range_rwsem                locks of ranges

        A name with brackets needs quotes in a shell: rcumodel check 'lastzero(15)'.

        """;

    private const string Codes = """
        Exit codes:
          0   everything holds; replay: all steps fit, and nothing is violated any more
          1   a rule is violated, or an expectation is not met; replay: violated as recorded
          2   the command line makes no sense, or the trace cannot be used
          3   a budget or Ctrl-C ended it first, and nothing was violated until then; torture: Ctrl-C only
          4   replay: the trace stopped fitting the code, so it says nothing about it
          70  the tool itself failed

        Read on:
          README.md          what this is, and how to write a test of your own
          docs/explorer.md   strategies, bounds, what is found, the JSON output
          docs/traces.md     counterexamples to keep: the files, replaying, minimising
          docs/torture.md    torture tests: parameters, what the columns mean, what is caught
          docs/verdicts.md   what each design of the reverse map survives, and what it costs
          docs/prototyping.md  a stabilisation and scenarios of your own
          docs/glossary.md   the kernel's names and ours

        """;

    public override int Invoke(ParseResult parseResult)
    {
        int code = usual.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine(Examples);
        output.WriteLine(Codes.TrimEnd());
        return code;
    }
}
