namespace Chantier.Api.Hosting;

/// <summary>Where settings come from, in order: appsettings.json beside the program, the environment, the command line.</summary>
internal static class Settings
{
    private const string DefaultUrl = "http://localhost:5080";

    public static IConfiguration Read(string[] args) => new ConfigurationBuilder()
        .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
        .AddEnvironmentVariables()
        .AddCommandLine(args.Where(arg => arg.StartsWith("--", StringComparison.Ordinal)).ToArray())
        .Build();

    public static void AddSettings(this WebApplicationBuilder builder)
    {
        if (builder.Configuration["urls"] is null && builder.Configuration["http_ports"] is null && builder.Configuration["https_ports"] is null)
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        builder.Services.AddOptions<ChantierOptions>().BindConfiguration("Chantier").ValidateDataAnnotations().ValidateOnStart();
    }
}
