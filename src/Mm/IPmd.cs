namespace RcuModel.Mm;

/// <summary>
/// What an entry of the PMD has if it has something: a <see cref="PageTable"/>, or a <see cref="HugePmd"/> in its place. Kernel: pmd_t.
/// </summary>
public interface IPmd;
