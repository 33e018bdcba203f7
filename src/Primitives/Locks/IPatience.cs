namespace RcuModel.Primitives;

/// <summary>For how long a real thread waits awake for something. Under a controller it is a choice when that is over.</summary>
internal interface IPatience
{
    /// <summary>Whether it never ends.</summary>
    bool IsEndless { get; }

    /// <summary>Whether it has ended, asked again and again while the thread waits.</summary>
    bool IsOver();
}
