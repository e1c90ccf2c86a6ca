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
    [InlineData("import", "x.csv", "--mapping", "repd", "--dryrun")]
    [InlineData("seed", "regions", "--Chantier:DataFolder", "/nowhere")]
    [InlineData("seed", "--pack=regions")]
    [InlineData("migrate", "now")]
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

    [Theory]
    [InlineData("--urls", "http://127.0.0.1:1", "--Chantier:DataFolder=x")]
    [InlineData("serve", "--urls=http://127.0.0.1:1", "--Chantier:DataFolder=x")]
    [InlineData("serve", "--Chantier:DataFolder", "x")]
    [InlineData("migrate", "--Chantier:DataFolder=x")]
    [InlineData("seed", "regions", "--Chantier:DataFolder=x")]
    [InlineData("seed", "--Chantier:DataFolder=x")]
    [InlineData("restore", "--Chantier:DataFolder=x", "a.zip")]
    [InlineData("import", "a.csv", "--mapping", "repd", "--release", "2021-12", "--Chantier:DataFolder=x", "--dry-run")]
    [InlineData("keys", "create", "--name", "n", "--scope=admin", "--Chantier:DataFolder=x")]
    public void A_setting_is_read_wherever_it_stands(params string[] arguments) =>
        Assert.Equal("x", CommandLine.SettingsOf(arguments, CommandLine.Make(arguments, (_, _, _) => Task.FromResult(0)).Parse(CommandLine.WordsOf(arguments)))["Chantier:DataFolder"]);
}
