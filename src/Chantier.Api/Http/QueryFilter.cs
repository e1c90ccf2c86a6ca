using System.Reflection;
using System.Text.Json;
using FluentValidation;

namespace Chantier.Api.Http;

/// <summary>The parameters that an endpoint takes: name and property, from its handler's signature.</summary>
internal sealed record QueryContract(IReadOnlyDictionary<string, PropertyInfo> Parameters)
{
    public static QueryContract Of(MethodInfo handler) => new(handler.GetParameters()
        .Where(p => p.GetCustomAttribute<AsParametersAttribute>() is not null)
        .SelectMany(p => p.ParameterType.GetProperties())
        .Where(p => typeof(IGiven).IsAssignableFrom(p.PropertyType))
        .ToDictionary(p => NameOf(p.Name), p => p, StringComparer.Ordinal));

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
            return async invocation => Check(contract, invocation) is { Count: > 0 } errors
                ? Problem.InvalidParameters([.. errors]).ToResult()
                : await next(invocation);
        });
        return builder;
    }

    private static List<ProblemError> Check(QueryContract contract, EndpointFilterInvocationContext invocation)
    {
        var errors = new List<ProblemError>();
        foreach (var (name, value) in invocation.HttpContext.Request.Query)
        {
            if (!contract.Parameters.ContainsKey(name))
            {
                errors.Add(ProblemError.In(Shown.Of(name), "unknown_parameter", $"is not a parameter here; accepted are {string.Join(", ", contract.Parameters.Keys.Order(StringComparer.Ordinal))}."));
            }
            else if (string.IsNullOrEmpty(value))
            {
                errors.Add(ProblemError.In(name, "empty", "is empty; leave it out, or give it a value."));
            }
        }

        foreach (var argument in invocation.Arguments)
        {
            if (argument is null || argument.GetType().Namespace?.StartsWith("Chantier.", StringComparison.Ordinal) != true)
            {
                continue;
            }

            var before = errors.Count;
            foreach (var property in contract.Parameters.Values)
            {
                if (property.DeclaringType == argument.GetType() && property.GetValue(argument) is IGiven { Error: { } error })
                {
                    errors.Add(ProblemError.In(QueryContract.NameOf(property.Name), "malformed", error));
                }
            }

            // Rules across parameters assume that each is well-formed.
            if (before == errors.Count && Validators.For(argument.GetType(), invocation.HttpContext.RequestServices) is { } validator)
            {
                errors.AddRange(validator.Validate(new ValidationContext<object>(argument)).Errors.Select(failure =>
                    ProblemError.In(QueryContract.NameOf(failure.PropertyName), failure.ErrorCode, failure.ErrorMessage)));
            }
        }

        return errors;
    }

    private static class Validators
    {
        public static IValidator? For(Type type, IServiceProvider services) => (IValidator?)services.GetService(typeof(IValidator<>).MakeGenericType(type));
    }
}
