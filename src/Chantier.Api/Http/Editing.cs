using System.Text.Json;

namespace Chantier.Api.Http;

/// <summary>What is there of a resource that shall be edited.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Version">That of the open version.</param>
/// <param name="Content">What a PUT would have said to make it as it is.</param>
/// <param name="Factory">The factory it belongs to, for its log; null for what belongs to none.</param>
internal sealed record Present<TRequest>(long Id, int Version, TRequest Content, long? Factory = null);

/// <summary>
/// A resource whose identity lasts and whose content has versions. Making, replacing, patching and deleting it are the same for
/// all; a noun says only where its content lies.
/// </summary>
internal abstract class Editing<TRequest, TView>
    where TRequest : class
    where TView : ListRow
{
    /// <summary>The type under which the log has it.</summary>
    protected abstract string Type { get; }

    /// <summary>Makes the identity and its first version.</summary>
    protected abstract Task<(long Id, string Location)> MakeAsync(Write write, TRequest content);

    /// <summary>The open version of what the path names; refuses where there is none, and says why.</summary>
    protected abstract Task<Present<TRequest>> FindAsync(Write write);

    /// <summary>Closes the open version, and writes the next.</summary>
    protected abstract Task SaveAsync(Write write, Present<TRequest> there, TRequest content);

    /// <summary>Closes the open version, and whatever must not outlive it.</summary>
    protected abstract Task CloseAsync(Write write, Present<TRequest> there);

    /// <summary>How the resource is read.</summary>
    protected abstract ItemSpec<TView> Shown(Write write, long id);

    /// <summary>Whether something of it can be another's already, such as an identifier.</summary>
    internal virtual bool MayBeTaken => true;

    /// <summary>Whether something can stand on it, and keep it from being deleted.</summary>
    internal virtual bool MayBeInUse => true;

    /// <summary>The factory in whose log a new one is noted; null for what belongs to none.</summary>
    protected virtual Task<long?> FactoryOfAsync(Write write, long id) => Task.FromResult<long?>(null);

    public async Task<Outcome> CreateAsync(Write write, TRequest content)
    {
        var (id, location) = await MakeAsync(write, content);
        write.Log("created", Type, id, factory: await FactoryOfAsync(write, id));
        return Outcome.Created(location, Shown(write, id));
    }

    public async Task<Outcome> ReplaceAsync(Write write, TRequest content) => await ReviseAsync(write, await FindCurrentAsync(write), content);

    public async Task<Outcome> PatchAsync(Write write, Func<TRequest, TRequest> patch)
    {
        var there = await FindCurrentAsync(write);
        return await ReviseAsync(write, there, patch(there.Content));
    }

    /// <summary>Returns what a PUT would send to leave the resource unchanged.</summary>
    public async Task<TRequest> CurrentAsync(Write write) => (await FindCurrentAsync(write)).Content;

    public async Task<Outcome> DeleteAsync(Write write)
    {
        var there = await FindCurrentAsync(write);
        await CloseAsync(write, there);
        write.Log("deleted", Type, there.Id, there.Version, there.Factory);
        return Outcome.NoContent;
    }

    /// <summary>What a resource has for ever: a body may repeat it, or leave it out.</summary>
    protected static void Fixed(string pointer, string? given, string? there)
    {
        if (given is not null && given != there)
        {
            throw Refusal.Of(pointer, "fixed", $"is '{Http.Shown.Of(given)}'; it never changes: leave it out, or give '{there}'.");
        }
    }

    /// <summary>Refuses to delete what something stands on. Each row of the statement says in words what does.</summary>
    protected static async Task RefuseWhileRestingAsync(Write write, string sql, long id)
    {
        if (await write.QueryAsync<string>(sql, new { id }) is { Count: > 0 } resting)
        {
            throw new Refusal(Problem.Of(
                StatusCodes.Status409Conflict,
                "in-use",
                "Something stands on it",
                $"It cannot be deleted while these stand on it: {string.Join("; ", resting)}.",
                [.. resting.Select(what => new ProblemError(null, null, "in_use", what))]));
        }
    }

    /// <summary>The id and slug of what was just made.</summary>
    protected sealed record Made
    {
        public required long Id { get; init; }

        public required string Slug { get; init; }
    }

    private async Task<Present<TRequest>> FindCurrentAsync(Write write)
    {
        var there = await FindAsync(write);
        // 412, not 409: the client sent a condition and it failed (RFC 9110 §13.1.1).
        return write.IfMatch is { } wanted && wanted != there.Version ? throw new Refusal(Problem.Stale($"version {wanted}")) : there;
    }

    private async Task<Outcome> ReviseAsync(Write write, Present<TRequest> there, TRequest content)
    {
        // Saying the same again makes no version.
        var options = JsonDefaults.Options(write.Services);
        if (JsonSerializer.Serialize(there.Content, options.GetTypeInfo(typeof(TRequest))) != JsonSerializer.Serialize(content, options.GetTypeInfo(typeof(TRequest))))
        {
            await SaveAsync(write, there, content);
            write.Log("revised", Type, there.Id, there.Version + 1, there.Factory);
        }

        return Outcome.Ok(Shown(write, there.Id));
    }
}

/// <summary>The routes of an editable resource: POST on the list, PUT, PATCH and DELETE on one.</summary>
internal static class EditingRoutes
{
    public static void MapEditing<TRequest, TView>(this IEndpointRouteBuilder routes, Editing<TRequest, TView> editing, string list, string one, string noun)
        where TRequest : class
        where TView : ListRow
    {
        var words = string.Concat(noun.Select((c, i) => i > 0 && char.IsUpper(c) ? " " + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));
        var create = routes.MapWrite<TRequest>("POST", list, $"Create{noun}", $"Make a {words}", editing.CreateAsync).Creates<TView>();
        var replace = routes.MapWrite<TRequest>("PUT", one, $"Replace{noun}", $"Replace what is said of a {words}; what it was stays readable in the past", editing.ReplaceAsync)
            .Revises<TView>().MayBeDeleted();
        var patch = routes.MapPatch<TRequest>(one, $"Patch{noun}", $"Change parts of a {words} (RFC 7396)", editing.PatchAsync, editing.CurrentAsync)
            .Revises<TView>().MayBeDeleted();
        var delete = routes.MapRemoval(one, $"Delete{noun}", $"Delete a {words}: it answers 410 from then on, and stays readable in the past", editing.DeleteAsync).Removes().MayBeDeleted();
        foreach (var route in editing.MayBeTaken ? new[] { create, replace, patch } : [])
        {
            route.MayConflict();
        }

        if (editing.MayBeInUse)
        {
            delete.MayConflict();
        }
    }
}
