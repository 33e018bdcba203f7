namespace RcuModel.Mm;

public sealed partial class MmStruct
{
    /// <summary>A user's store.</summary>
    /// <param name="page">Where.</param>
    /// <param name="value">What.</param>
    /// <returns>EFAULT where it would be a segmentation fault.</returns>
    public Errno Write(long page, long value) => throw new NotImplementedException();

    /// <summary>A user's load.</summary>
    /// <param name="page">Where.</param>
    /// <param name="value">What was there.</param>
    /// <returns>EFAULT where it would be a segmentation fault.</returns>
    public Errno Read(long page, out long value) => throw new NotImplementedException();
}
