namespace RcuModel.Torture.Rcu;

/// <summary>In which ways updaters wait for grace periods. Kernel: gp_normal, gp_sync, gp_exp, gp_cond, gp_poll.</summary>
[Flags]
public enum GracePeriodWays
{
    /// <summary>In none; where a choice is wanted, in all.</summary>
    None = 0,

    /// <summary>A callback does the rest. Kernel: call_rcu().</summary>
    Async = 1,

    /// <summary>They sleep. Kernel: synchronize_rcu().</summary>
    Sync = 2,

    /// <summary>As Sync: grace periods are as fast as they can be anyway. Kernel: synchronize_rcu_expedited().</summary>
    Expedited = 4,

    /// <summary>They take a number, do something else, and sleep only if need be. Kernel: cond_synchronize_rcu().</summary>
    Cond = 8,

    /// <summary>They have one begin, and look now and then. Kernel: poll_state_synchronize_rcu().</summary>
    Poll = 16,

    /// <summary>In all of them, by turns.</summary>
    All = Async | Sync | Expedited | Cond | Poll,
}
