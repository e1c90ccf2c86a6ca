namespace Chantier.Api.Imports;

/// <summary>A file cannot be imported; the message says what is wrong and what is accepted. Nothing was changed.</summary>
internal sealed class ImportException(string message) : Exception(message)
{
    /// <summary>The option of the request that is wrong, where one is.</summary>
    public string? Option { get; init; }
}
