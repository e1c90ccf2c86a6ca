namespace Chantier.Api.Seeding;

internal sealed record SeedReport(string Pack, int Created, int Unchanged);

internal sealed class SeedException(string message) : Exception(message);

internal static class SeedPacks
{
    public static string FolderOf(IConfiguration configuration) => configuration["Chantier:SeedFolder"] ?? Path.Combine(AppContext.BaseDirectory, "seeds");

    public static Task<IReadOnlyList<SeedReport>> LoadAsync(string connectionString, string folder, string? pack, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<SeedReport>>([]);
}
