namespace Chantier.EmbeddedPostgres;

/// <summary>PostgreSQL could not be found, made or started; the message says what a person can do about it.</summary>
public sealed class EmbeddedPostgresException : Exception
{
    internal EmbeddedPostgresException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
