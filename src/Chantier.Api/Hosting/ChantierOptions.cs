using System.ComponentModel.DataAnnotations;

namespace Chantier.Api.Hosting;

/// <summary>Configuration under the key Chantier (environment: Chantier__DataFolder and so on).</summary>
internal sealed class ChantierOptions
{
    /// <summary>Where the embedded PostgreSQL keeps its data; by default the user's data folder, as root /var/lib/chantier.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Whether serve brings the schema up to date first.</summary>
    public bool MigrateOnStart { get; init; } = true;

    /// <summary>Whether serve loads the seed packs first. What is loaded already stays as it is.</summary>
    public bool SeedOnStart { get; init; } = true;

    /// <summary>Where the seed packs lie; by default beside the program.</summary>
    public string? SeedFolder { get; init; }

    /// <summary>Where the page for people lies; by default beside the program.</summary>
    public string? PageFolder { get; init; }

    /// <summary>The address that the world knows the service by, such as https://sites.example; by default, the one that was asked.</summary>
    [Url(ErrorMessage = "Chantier:PublicUrl is no address: it accepts one such as https://sites.example.")]
    public string? PublicUrl { get; init; }

    /// <summary>How long a statement that reads may run, in seconds.</summary>
    [Range(1, 600, ErrorMessage = "Chantier:StatementTimeoutSeconds is out of range: it accepts 1 to 600.")]
    public int StatementTimeoutSeconds { get; init; } = 15;
}
