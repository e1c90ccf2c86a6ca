using System.Text.Json.Nodes;
using Chantier.Api.Http;

namespace Chantier.Api.Jobs;

/// <summary>
/// A kind of work that is done as a job. It may be begun several times, and ends once: what it writes, it commits together with
/// <see cref="Job.FinishAsync"/>, or it writes so that doing it again does nothing more.
/// </summary>
internal interface IJobKind
{
    /// <summary>As it stands in the database and in answers.</summary>
    string Name { get; }

    /// <summary>Who may start it, see it and cancel it.</summary>
    Scope Scope { get; }

    /// <summary>
    /// Does the work, and gives what came of it, an object. What the asker can put right it tells by a <see cref="Refusal"/>. A database
    /// that is lost it need not care about: then it is begun anew.
    /// </summary>
    Task<JsonObject> RunAsync(Job job, CancellationToken cancellation);
}

/// <summary>How far a job is.</summary>
/// <param name="Stage">What it does now, in a few words.</param>
/// <param name="Done">How much of it is done.</param>
/// <param name="Total">How much there is; null where nobody knows.</param>
internal sealed record JobProgress(string Stage, long Done = 0, long? Total = null);

/// <summary>The kinds that this build knows. Jobs of others wait for one that does; only admins see them.</summary>
internal sealed class JobKinds(IEnumerable<IJobKind> kinds)
{
    private readonly Dictionary<string, IJobKind> _kinds = kinds.ToDictionary(kind => kind.Name);

    public string[] Names => [.. _kinds.Keys];

    public IJobKind this[string name] => _kinds[name];

    /// <summary>Those that a caller may start, and so see.</summary>
    public string[] Of(Caller caller) => [.. _kinds.Values.Where(kind => kind.Scope <= caller.Scope).Select(kind => kind.Name)];
}
