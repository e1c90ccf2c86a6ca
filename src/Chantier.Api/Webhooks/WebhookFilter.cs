using Chantier.Api.Changes;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using FluentValidation;
using Microsoft.AspNetCore.WebUtilities;

namespace Chantier.Api.Webhooks;

/// <summary>Reads the filter of a hook, which is the query string that /v1/changes would be asked with.</summary>
internal static class WebhookFilter
{
    public static (Feed Feed, IReadOnlyList<ProblemError> Errors) Read(string query, IServiceProvider services)
    {
        var feed = new Feed(new FeedFilter(), new FactoryFilter());
        object[] records = [feed.Filter, feed.Factories];
        var parameters = records.SelectMany(record => record.GetType().GetProperties().Where(p => typeof(IGiven).IsAssignableFrom(p.PropertyType)).Select(p => (record, p)))
            .ToDictionary(pair => QueryContract.NameOf(pair.p.Name));
        var errors = new List<ProblemError>();
        foreach (var (name, value) in QueryHelpers.ParseQuery(query))
        {
            if (!parameters.TryGetValue(name, out var found))
            {
                errors.Add(ProblemError.In(Shown.Of(name), "unknown_parameter", $"is not a filter here; accepted are {string.Join(", ", parameters.Keys.Order(StringComparer.Ordinal))}."));
                continue;
            }

            var given = (IGiven)found.p.PropertyType.GetMethod(nameof(Given<>.Parse), [typeof(string), typeof(IFormatProvider)])!.Invoke(null, [value.ToString(), null])!;
            found.p.SetValue(found.record, given);
            if (given.Error is { } malformed)
            {
                errors.Add(ProblemError.In(name, "malformed", malformed));
            }
        }

        // Rules across parameters assume that each is well-formed.
        if (errors.Count == 0)
        {
            errors.AddRange(records.SelectMany(record => ((IValidator)services.GetRequiredService(typeof(IValidator<>).MakeGenericType(record.GetType()))).Validate(new ValidationContext<object>(record)).Errors)
                .Select(failure => ProblemError.In(QueryContract.NameOf(failure.PropertyName), failure.ErrorCode, failure.ErrorMessage)));
        }

        return (feed, errors);
    }
}
