namespace Chantier.Api.Hosting;

/// <summary>Where settings come from, in order: appsettings.json beside the program, the environment, the command line.</summary>
internal static class Settings
{
    private const string DefaultUrl = "http://localhost:5080";

    /// <param name="args">The command line without its command and the options of that.</param>
    public static IConfiguration Read(IEnumerable<string> args) => new ConfigurationBuilder()
        .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
        .AddEnvironmentVariables()
        .AddCommandLine([.. args])
        .Build();

    /// <summary>Whether an argument is a setting by itself: --Section:Key=value.</summary>
    public static bool IsOne(string arg) => arg.StartsWith("--", StringComparison.Ordinal) && arg.IndexOf(':', StringComparison.Ordinal) is > 2 and var colon && arg.IndexOf('=', StringComparison.Ordinal) > colon;

    public static void AddSettings(this WebApplicationBuilder builder)
    {
        if (builder.Configuration["urls"] is null && builder.Configuration["http_ports"] is null && builder.Configuration["https_ports"] is null)
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        builder.Services.AddOptions<ChantierOptions>().BindConfiguration("Chantier").ValidateDataAnnotations().ValidateOnStart();
    }
}
