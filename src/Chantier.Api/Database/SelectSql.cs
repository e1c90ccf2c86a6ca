using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;
using Dapper;
using static System.FormattableString;

namespace Chantier.Api.Database;

/// <summary>
/// A statement put together from constants: which filters and which sort are asked for decides the text, so that each
/// combination has a plan of its own, while values only ever travel as parameters. The compiler holds every fragment
/// constant (CA1857).
/// </summary>
internal sealed partial class SelectSql
{
    private readonly StringBuilder _where = new();
    private string _from = "";
    private string _orderBy = "";
    private string _keys = "";

    public DynamicParameters Parameters { get; private init; } = new();

    public SelectSql From([ConstantExpected] string source)
    {
        _from = source;
        return this;
    }

    /// <summary>
    /// A source made of what two other statements select. Each asks at its own point, so the parameters of the first
    /// are here by their names and Before.
    /// </summary>
    public SelectSql From(
        [ConstantExpected] string head,
        SelectSql first,
        [ConstantExpected] string between,
        SelectSql second,
        [ConstantExpected] string tail)
    {
        var before = Parameter().Replace($"{first._from}{first._where}", "@${name}Before");
        _from = head + before + between + second._from + second._where + tail;
        foreach (var name in first.Parameters.ParameterNames)
        {
            Parameters.Add(name + "Before", first.Parameters.Get<object?>(name));
        }

        foreach (var name in second.Parameters.ParameterNames)
        {
            Parameters.Add(name, second.Parameters.Get<object?>(name));
        }

        return this;
    }

    /// <summary>The same source with more joined to it, once however often it is asked for.</summary>
    public SelectSql Join([ConstantExpected] string join)
    {
        if (!_from.Contains(join, StringComparison.Ordinal))
        {
            _from += join;
        }

        return this;
    }

    /// <summary>
    /// A statement over what another makes of this one's source and conditions, which stand between head and tail.
    /// </summary>
    public SelectSql Within([ConstantExpected] string head, [ConstantExpected] string tail) =>
        new() { Parameters = Parameters, _from = $"{head}{_from}{_where}{tail}" };

    public SelectSql With(string name, object? value)
    {
        Parameters.Add(name, value);
        return this;
    }

    public SelectSql And([ConstantExpected] string condition)
    {
        _where.Append(_where.Length == 0 ? "\nwhere " : "\n  and ").Append(condition);
        return this;
    }

    public SelectSql And([ConstantExpected] string condition, string name, object? value) =>
        And(condition).With(name, value);

    /// <summary>Counts all matches, whatever the cursor.</summary>
    public string Count { get; private set; } = "";

    /// <summary>All matches, for the planner to estimate.</summary>
    public string Matches { get; private set; } = "";

    /// <summary>One value is compared, so that an index keeps its order; several are looked up.</summary>
    public SelectSql AndAny(
        [ConstantExpected] string one, [ConstantExpected] string many, string name, IReadOnlyList<string>? values) =>
        values switch
        {
            null or [] => this,
            [var only] => And(one, name, only),
            _ => And(many, name, values.ToArray()),
        };

    /// <summary>
    /// Adds the order, what it needs to be joined, and what comes after a cursor. The keys' columns are constants of
    /// the list's own table.
    /// </summary>
    public SelectSql OrderBy(Http.Keyset keyset)
    {
        Count = $"select count(*) from {_from}{_where};";
        Matches = $"select 1 from {_from}{_where}";
        _from += keyset.Joins;
        _orderBy = keyset.OrderBy;
        _keys = keyset.KeysColumn;
        if (keyset.After is { } after)
        {
            _where.Append(_where.Length == 0 ? "\nwhere " : "\n  and ").Append(after);
        }

        foreach (var (name, value) in keyset.Values)
        {
            Parameters.Add(name, value);
        }

        return this;
    }

    /// <summary>
    /// The rows of a page and their keys, one more than asked for, which shows whether there is a next page. The limit
    /// is written out: with a parameter, PostgreSQL would plan the statement anew each time.
    /// </summary>
    public string Page([ConstantExpected] string columns, int limit) => Invariant(
        $"select {columns},\n  {_keys} as keys\nfrom {_from}{_where}\norder by {_orderBy}\nlimit {limit + 1};");

    /// <summary>A page chosen first, from few columns, and joined then to those that cost more to read.</summary>
    public string PageThen(
        [ConstantExpected] string chosen, [ConstantExpected] string columns, [ConstantExpected] string joins, int limit) =>
        Invariant($"""
        with page as materialized (
        select {chosen}, {_keys} as keys, row_number() over (order by {_orderBy}) as place
        from {_from}{_where}
        order by {_orderBy}
        limit {limit + 1})
        select {columns}, page.keys
        from page {joins}
        order by page.place;
        """);

    public string All([ConstantExpected] string columns, [ConstantExpected] string orderBy) =>
        $"select {columns}\nfrom {_from}{_where}\norder by {orderBy};";

    /// <summary>All rows as a part of a larger statement, or some of them.</summary>
    public string Within(
        [ConstantExpected] string head, [ConstantExpected] string columns, [ConstantExpected] string tail) =>
        $"{head}select {columns}\nfrom {_from}{_where}{tail}";

    /// <summary>At most one row.</summary>
    public string One([ConstantExpected] string columns) => $"select {columns}\nfrom {_from}{_where};";

    /// <summary>At most one row, with what a single resource shows besides.</summary>
    public string One(
        [ConstantExpected] string columns,
        [ConstantExpected] string moreColumns,
        [ConstantExpected] string joins,
        [ConstantExpected] string moreJoins) =>
        $"select {columns}{moreColumns}\nfrom {_from}{joins}{moreJoins}{_where};";

    /// <summary>The same for a row that is chosen first and then dressed.</summary>
    public string OneThen(
        [ConstantExpected] string chosen,
        [ConstantExpected] string columns,
        [ConstantExpected] string moreColumns,
        [ConstantExpected] string joins,
        [ConstantExpected] string moreJoins) => $"""
        with page as materialized (select {chosen}, 1::bigint as place from {_from}{_where})
        select {columns}{moreColumns}
        from page {joins}{moreJoins};
        """;

    [GeneratedRegex(@"@(?<name>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();
}
