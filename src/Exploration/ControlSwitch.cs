using System.Runtime.CompilerServices;
using RcuModel.Primitives;

namespace RcuModel.Exploration;

/// <summary>
/// Opens the gate for whoever loads this assembly before touching a cell, so that a test project needs no setting. A
/// switch that was set on purpose is left alone.
/// </summary>
internal static class ControlSwitch
{
#pragma warning disable CA2255 // A library that must act before the first cell is touched has no other place.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Open()
    {
        if (!AppContext.TryGetSwitch(Hook.SwitchName, out _))
            AppContext.SetSwitch(Hook.SwitchName, true);
    }
}
