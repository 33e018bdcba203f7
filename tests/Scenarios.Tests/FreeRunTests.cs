namespace RcuModel.Scenarios.Tests;

/// <summary>
/// A scenario does not know who runs it: each that holds under the explorer also holds on real threads that nobody
/// controls, and ends there.
/// </summary>
public sealed class FreeRunTests
{
    private const int Rounds = 20;

    // Each is hundreds of steps, and there are hundreds of them.
    private const int RoundsOfModels = 4;

    public static TheoryData<string> Sound
    {
        get
        {
            var data = new TheoryData<string>();
            foreach (Scenario scenario in Catalogue.All.Where(static s => !s.MustFail))
                data.Add(scenario.Name);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Sound))]
    public void Holds_on_real_threads(string name)
    {
        Scenario scenario = Catalogue.All.Single(s => s.Name == name);
        for (int round = 0; round < (scenario.IsLargeModel ? RoundsOfModels : Rounds); round++)
            scenario.Body();
    }
}
