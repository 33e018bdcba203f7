using Microsoft.CodeAnalysis;

namespace RcuModel.Analyzers.Tests;

public class DescriptorTests
{
    [Fact]
    public void Every_rule_is_an_error_with_a_number_of_its_own()
    {
        var rules = Verifier.Rules.ToList();

        Assert.Equal(Enumerable.Range(1, 8).Select(number => $"RCU00{number}"), rules.Select(rule => rule.Id).Order());
        Assert.All(rules, rule =>
        {
            Assert.Equal(DiagnosticSeverity.Error, rule.DefaultSeverity);
            Assert.Equal("RcuModel", rule.Category);
            Assert.True(rule.IsEnabledByDefault);
            Assert.NotEmpty(rule.Description.ToString());
        });
    }
}
