using Chantier.Api.Hosting;

namespace Chantier.Api.Tests.Hosting;

/// <summary>What the program makes of its arguments before it looks for a database.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("serv")]
    [InlineData("create-key", "--name=x")]
    [InlineData("serve", "migrate", "--help-me")]
    [InlineData("import")]
    [InlineData("keys")]
    public async Task What_is_no_command_ends_without_serving(params string[] arguments)
    {
        var served = false;

        Assert.Equal(1, await CommandLine.RunAsync(arguments, (_, _, _) =>
        {
            served = true;
            return Task.FromResult(0);
        }));

        Assert.False(served);
    }
}
