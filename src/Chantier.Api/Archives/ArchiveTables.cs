namespace Chantier.Api.Archives;

/// <summary>A table that goes into the archive, as NDJSON with its columns in their order, sorted by its key.</summary>
/// <param name="Name">Its name.</param>
/// <param name="LeftOut">Columns that do not go along: what is derived, and what names a key.</param>
internal sealed record ArchivedTable(string Name, params IReadOnlyList<string> LeftOut)
{
    /// <summary>Whether a tracker has rows of it before anything is recorded.</summary>
    public bool IsVocabulary { get; init; }

    public string FileName => $"data/{Name}.ndjson";
}

/// <summary>Which tables the archive has, in the order in which they refer to each other, and why the others stay. A new table is put into either; a test compares them with the catalogue.</summary>
internal static class ArchiveTables
{
    public static IReadOnlyList<ArchivedTable> All { get; } =
    [
        new("tracker") { IsVocabulary = true },
        new("status") { IsVocabulary = true },
        new("milestone") { IsVocabulary = true },
        new("sector") { IsVocabulary = true },
        new("figure_property") { IsVocabulary = true },
        new("figure_qualifier") { IsVocabulary = true },
        new("figure_measure") { IsVocabulary = true },
        new("unit") { IsVocabulary = true },
        new("location_precision") { IsVocabulary = true },
        new("role_kind") { IsVocabulary = true },
        new("identifier_scheme") { IsVocabulary = true },
        new("slug"),
        new("boundary"),
        new("region"),
        new("region_version"),
        new("factory"),
        new("factory_version"),
        new("phase"),
        new("phase_version"),
        new("operator"),
        new("operator_version"),
        new("source"),
        new("source_version"),
        new("media"),
        new("media_version"),
        new("identifier"),
        new("claim", "published_from", "published_to", "published_basis"),
        new("status_event"),
        new("figure"),
        new("role"),
        new("ownership"),
        new("location"),
        new("depiction"),
        new("membership"),
        new("merge"),
        new("evidence"),
        new("change"),
        new("proposal", "api_key_id"),
        new("import", "job_id", "merged_row", "spoken"),
        new("import_row"),
        new("import_problem"),
    ];

    /// <summary>The tables that are not in it, and why.</summary>
    public static IReadOnlyDictionary<string, string> LeftOut { get; } = new Dictionary<string, string>
    {
        ["schema_migration"] = "the schema itself; the manifest names its newest migration",
        ["schema_function"] = "the schema itself",
        ["factory_merged"] = "derived",
        ["change_head"] = "derived",
        ["region_closure"] = "derived",
        ["current_day"] = "derived",
        ["factory_current"] = "derived",
        ["status_span"] = "derived",
        ["capacity_span"] = "derived",
        ["factory_text"] = "derived",
        ["search_entry"] = "derived",
        ["search_word"] = "derived",
        ["api_key"] = "secret",
        ["idempotency"] = "secret: answers that one key alone may see again, for a day",
        ["webhook"] = "secret, and of this installation",
        ["webhook_delivery"] = "of this installation",
        ["import_staged_row"] = "what is read of a file, until it is merged",
        ["import_staged_claim"] = "what is read of a file, until it is merged",
        ["job"] = "of this installation",
        ["job_part"] = "of this installation; and an archive is not in itself",
    };
}
