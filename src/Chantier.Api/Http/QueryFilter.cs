using System.Reflection;
using System.Text.Json;
using FluentValidation;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace Chantier.Api.Http;

/// <summary>The parameters that an endpoint takes: name and property, from its handler's signature.</summary>
internal sealed record QueryContract(IReadOnlyDictionary<string, PropertyInfo> Parameters)
{
    public static QueryContract Of(MethodInfo handler) => new(handler.GetParameters()
        .Where(p => p.GetCustomAttribute<AsParametersAttribute>() is not null)
        .SelectMany(p => p.ParameterType.GetProperties())
        .Where(p => typeof(IGiven).IsAssignableFrom(p.PropertyType))
        .ToDictionary(NameOf, p => p, StringComparer.Ordinal));

    /// <summary>The name that the query string has for a property: its own, unless another is said.</summary>
    public static string NameOf(PropertyInfo property) => property.GetCustomAttribute<FromQueryAttribute>()?.Name ?? NameOf(property.Name);

    public static string NameOf(string property) => JsonNamingPolicy.CamelCase.ConvertName(property);
}

/// <summary>Refuses, before the handler, what an endpoint does not know or accept, and says all of it at once.</summary>
internal static class QueryFilter
{
    /// <summary>Registers the validator that stands inside each request record.</summary>
    public static void AddValidators(this IServiceCollection services)
    {
        foreach (var found in AssemblyScanner.FindValidatorsInAssembly(typeof(QueryFilter).Assembly, includeInternalTypes: true))
        {
            services.AddSingleton(found.InterfaceType, found.ValidatorType);
        }
    }

    public static TBuilder WithCheckedQuery<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint =>
        {
            if (endpoint.Metadata.OfType<MethodInfo>().FirstOrDefault() is { } handler)
            {
                endpoint.Metadata.Add(QueryContract.Of(handler));
            }
        });
        builder.AddEndpointFilterFactory((factory, next) =>
        {
            var contract = QueryContract.Of(factory.MethodInfo);
            return async invocation =>
            {
                if (Blamed(Check(contract, invocation), invocation.HttpContext) is { Count: > 0 } errors)
                {
                    return Problem.InvalidParameters([.. errors]).ToResult();
                }

                try
                {
                    return await next(invocation);
                }
                catch (CursorException)
                {
                    return Problem.InvalidParameters(Cursor.Malformed).ToResult();
                }
            };
        });
        return builder;
    }

    // What a cursor carries was good when it was given out; whatever is wrong with it now, the client knows only the cursor.
    private static List<ProblemError> Blamed(List<ProblemError> errors, HttpContext http) =>
        http.Features.Get<Cursor>() is not null && errors.RemoveAll(error => Cursor.Carries(error.Parameter!)) > 0 ? [Cursor.Malformed, .. errors] : errors;

    private static List<ProblemError> Check(QueryContract contract, EndpointFilterInvocationContext invocation)
    {
        var errors = new List<ProblemError>();
        foreach (var (name, value) in invocation.HttpContext.Request.Query)
        {
            if (!contract.Parameters.TryGetValue(name, out var parameter))
            {
                errors.Add(ProblemError.In(Shown.Of(name), "unknown_parameter", $"is not a parameter here; accepted are {string.Join(", ", contract.Parameters.Keys.Order(StringComparer.Ordinal))}."));
            }
            else if (string.IsNullOrEmpty(value))
            {
                errors.Add(ProblemError.In(name, "empty", "is empty; leave it out, or give it a value."));
            }
            else if (value.Count > 1 && parameter.PropertyType != typeof(Given<Codes>))
            {
                errors.Add(ProblemError.In(name, "repeated", "is given more than once; it accepts one value."));
            }
        }

        foreach (var pair in new QueryStringEnumerable(invocation.HttpContext.Request.QueryString.Value))
        {
            // What is not is left as it stands by the decoder, and would be looked for as such.
            if (!Shown.IsEncodedUtf8(pair.EncodedName.Span) || !Shown.IsEncodedUtf8(pair.EncodedValue.Span))
            {
                errors.RemoveAll(known => known.Parameter == pair.DecodeName().ToString());
                errors.Add(ProblemError.In(Shown.Of(pair.DecodeName().ToString()), "malformed", "is not percent-encoded UTF-8, which is all that is accepted."));
            }
        }

        foreach (var argument in invocation.Arguments)
        {
            if (argument is null || argument.GetType().Namespace?.StartsWith("Chantier.", StringComparison.Ordinal) != true)
            {
                continue;
            }

            var isWellFormed = true;
            foreach (var property in contract.Parameters.Values.Where(property => property.DeclaringType == argument.GetType()))
            {
                if (property.GetValue(argument) is IGiven { Error: { } error })
                {
                    isWellFormed = false;
                    var name = QueryContract.NameOf(property);
                    if (!errors.Exists(known => string.Equals(known.Parameter, name, StringComparison.OrdinalIgnoreCase)))
                    {
                        errors.Add(ProblemError.In(name, "malformed", error));
                    }
                }
            }

            // Rules across parameters assume that each is well-formed.
            if (isWellFormed && Validators.For(argument.GetType(), invocation.HttpContext.RequestServices) is { } validator)
            {
                errors.AddRange(validator.Validate(new ValidationContext<object>(argument)).Errors.Select(failure =>
                    ProblemError.In(
                    argument.GetType().GetProperty(failure.PropertyName) is { } named ? QueryContract.NameOf(named) : failure.PropertyName, failure.ErrorCode, failure.ErrorMessage)));
            }
        }

        return errors;
    }

    private static class Validators
    {
        public static IValidator? For(Type type, IServiceProvider services) => (IValidator?)services.GetService(typeof(IValidator<>).MakeGenericType(type));
    }
}
