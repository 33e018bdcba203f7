using RcuModel.Primitives;

namespace RcuModel.Bench;

/// <summary>Opens the gate for the verbs that measure the explorer; the others measure what a cell costs without it.</summary>
internal static class Control
{
    /// <summary>Must come before anything touches a cell.</summary>
    public static void Open() => AppContext.SetSwitch(Hook.SwitchName, true);
}
