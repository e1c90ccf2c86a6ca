using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Chantier.Api.Http;
using Chantier.Domain;

namespace Chantier.Api.Imports;

/// <summary>What the tracker accepts that no code knows by itself.</summary>
internal sealed record Accepted(IReadOnlySet<string> Sectors, IReadOnlySet<string> Units, PlaceBook Places);

/// <summary>Turns rows of a file into what they say, by a mapping. Of one row it never throws: what is not accepted it tells.</summary>
internal sealed partial class MapRows
{
    public const int LongestName = 500;
    private const int LongestText = 5_000;

    private readonly Mapping _mapping;
    private readonly Accepted _accepted;
    private readonly string _series;
    private readonly string? _release;
    private readonly DateOnly _day;
    private readonly RowCells _read;
    private readonly StringBuilder _said = new();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private StagedRow _row = null!;
    private string? _regionColumn;

    public MapRows(Mapping mapping, Accepted accepted, IReadOnlyList<string> wanted, string series, string? release, DateOnly day)
    {
        // What every factory needs is not left out.
        static Field Needed(Field field) => field with { Wrong = "reject" };
        var factory = mapping.Factory;
        _mapping = mapping with { Factory = factory with { Name = Needed(factory.Name), Sector = Needed(factory.Sector), Country = Needed(factory.Country) } };
        (_accepted, _series, _release, _day) = (accepted, series, release, day);
        _read = new(_mapping, wanted);
    }

    public List<CellProblem> Problems => _read.Problems;

    /// <summary>The row as it is staged; its problems are added to those that are told.</summary>
    public StagedRow Map(FileRow file)
    {
        _row = new StagedRow { Row = file.Number };
        var told = Problems.Count;
        _read.Take(file);
        if (file.Wrong is null)
        {
            // Of a row that is rejected, all is told that is wrong with it.
            Identify();
            Describe();
            Locate();
            Claim();
        }

        _row.IsRejected = _read.Rejections > 0;
        if (_row.IsRejected)
        {
            _row.Claims.Clear();
            var wrong = Problems.Skip(told).Where(p => p.Kind == "rejected").Distinct().ToList();
            Problems.RemoveRange(told, Problems.Count - told);
            Problems.AddRange(wrong);
        }

        _row.Fingerprint = Fingerprint();
        return _row;
    }

    private void Identify()
    {
        var before = _read.Rejections;
        _row.Owner = _read.Identifier(_mapping.Factory.Identifier, null, out _);
        Require(_row.Owner, before, _mapping.Factory.Identifier.Columns[0], "each row needs its identifier, and is known by it.");
        if (_mapping.Phase is { } phase && _row.Owner is not null)
        {
            before = _read.Rejections;
            _row.Phase = _read.Identifier(phase.Identifier, _row.Owner, out _);
            Require(_row.Phase, before, phase.Identifier.Columns[0], "each row needs the identifier of its unit, and is known by it.");
        }
    }

    private string? Address(Field field)
    {
        var text = _read.Text(field, LongestText, out var column);
        if (text is null || BodyRules.IsUrl(text))
        {
            return text;
        }

        _read.Wrong(field, column, text, "address", "is no address; it accepts an absolute one of http or https.");
        return null;
    }

    // Where it was not accepted, that is told already.
    private void Require(string? value, int rejectionsBefore, string? column, string why)
    {
        if (string.IsNullOrEmpty(value) && _read.Rejections == rejectionsBefore)
        {
            _read.Reject(column, null, "required", $"is empty; {why}");
        }
    }

    // The whole of what a row says, to tell a row that is repeated from another under the same identifier.
    private Guid Fingerprint()
    {
        _said.Clear();
        foreach (var cell in _read.Cells)
        {
            _said.Append(cell).Append('\u001f');
        }

        return Hashed();
    }

    private Guid Hashed()
    {
        foreach (var chunk in _said.GetChunks())
        {
            _hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(chunk.Span));
        }

        Span<byte> hash = stackalloc byte[32];
        _hash.GetHashAndReset(hash);
        return new Guid(hash[..16]);
    }

    private void Describe()
    {
        var factory = _mapping.Factory;
        var before = _read.Rejections;
        _row.Name = _read.Text(factory.Name, LongestName, out var nameColumn)?.Replace("{id}", _row.Owner, StringComparison.Ordinal) ?? "";
        Require(_row.Name, before, factory.Name.FirstColumn, "a factory needs a name.");
        if (_row.Name.Contains('\uFFFD', StringComparison.Ordinal))
        {
            Problems.Add(new(_row.Row, "remark", nameColumn, _row.Name, "lost_character", "has a character that was lost before the file came here (U+FFFD); it is kept as it is."));
        }

        before = _read.Rejections;
        var sector = _read.Cell(factory.Sector, out var sectorColumn);
        Require(sector, before, factory.Sector.FirstColumn, "a factory needs a sector.");
        if (sector is not null && (_mapping.MakesSectors ? !SectorCode().IsMatch(sector) : !_accepted.Sectors.Contains(sector)))
        {
            _read.Wrong(factory.Sector, sectorColumn, sector, "sector", $"is no sector; it accepts {string.Join(", ", _accepted.Sectors.Order(StringComparer.Ordinal))}, or more that the mapping says.");
        }

        _row.Sector = sector ?? "";
        before = _read.Rejections;
        var country = _read.Cell(factory.Country, out var countryColumn);
        Require(country, before, factory.Country.FirstColumn, "a factory needs a country.");
        if (country is not null and not { Length: 2 } || country?.All(char.IsAsciiLetterUpper) == false)
        {
            _read.Wrong(factory.Country, countryColumn, country, "country", "is no country; it accepts a code of two letters such as FR, or a cell that the mapping translates.");
        }

        _row.Country = _read.Rejections == before ? country! : "";
        _row.Products = factory.Products is { } products ? _read.List(products) : [];
        _regionColumn = null;
        _row.Region = factory.Region is { } region ? _read.Cell(region, out _regionColumn) : null;
        if (_row.Region is not null)
        {
            Judge(_row.Region);
        }

        _row.Locality = factory.Locality is { } locality ? _read.Text(locality, LongestName, out _) : null;
        _row.Website = factory.Website is { } website ? Address(website) : null;
        _row.PhaseName = _mapping.Phase?.Name is { } name ? _read.Text(name, LongestName, out _) : null;
        _row.PhaseProduct = _mapping.Phase?.Product is { } product ? _read.Text(product, LongestName, out _) : null;
    }

    private void Judge(string slug)
    {
        if (_accepted.Places.Region(slug) is not { } region)
        {
            _read.Wrong(_mapping.Factory.Region!, _regionColumn, slug, "region", "is no region of the tracker; it accepts the slug of one.");
            _row.Region = null;
        }
        else if (region.Country is { } country && country != _row.Country && _row.Country.Length > 0)
        {
            Problems.Add(new(_row.Row, "remark", _regionColumn, slug, "region", $"is {region.Name}, which lies in {_accepted.Places.NameOf(country)}, and the factory is said to be in {_accepted.Places.NameOf(_row.Country)}; both are kept."));
        }
    }

    private void Locate()
    {
        if (_mapping.Location is not { } mapped)
        {
            return;
        }

        double x, y;
        string? column;
        string shown;
        if (mapped.Point is { } pointField)
        {
            var text = _read.Cell(pointField, out column);
            if (text is null)
            {
                return;
            }

            shown = text;
            if (WellKnownPoint().Match(text) is not { Success: true } match
                || !double.TryParse(match.Groups["x"].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out x)
                || !double.TryParse(match.Groups["y"].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out y)
                || (match.Groups["srid"] is { Success: true, Value: var srid } && $"EPSG:{srid}" != mapped.System))
            {
                _read.Wrong(pointField, column, text, "point", $"is no point in {mapped.System}; it accepts POINT(2.1 49.5), with SRID={mapped.System[5..]}; before it or not.");
                return;
            }
        }
        else
        {
            var (east, north) = (_read.Number(mapped.X!, out column, out var xText), _read.Number(mapped.Y!, out var yColumn, out var yText));
            if (east is null && north is null)
            {
                return;
            }

            shown = $"{xText} {yText}";
            if (east is null || north is null)
            {
                // Where a cell was not accepted, that is told already.
                if (xText is null || yText is null)
                {
                    _read.Wrong(mapped.X!, xText is null ? mapped.X!.FirstColumn : mapped.Y!.FirstColumn, null, "coordinates", "is empty; a place needs both of its coordinates.");
                }

                return;
            }

            (x, y) = ((double)east, (double)north);
            column = column is null ? yColumn : $"{column}, {yColumn}";
        }

        var at = mapped.Point ?? mapped.X!;
        if (mapped.System == "EPSG:27700")
        {
            if (!BritishGrid.Has(x, y))
            {
                _read.Wrong(at, column, shown, "coordinates", $"is off the grid; it accepts {BritishGrid.Accepted}.");
                return;
            }

            (x, y) = BritishGrid.ToWgs84(x, y);
            // A seventh of a metre; more would pretend.
            (x, y) = (Math.Round(x, 6), Math.Round(y, 6));
        }
        else if (x is not (>= -180 and <= 180) || y is not (>= -90 and <= 90) || (x == 0 && y == 0))
        {
            _read.Wrong(at, column, shown, "coordinates", $"is no place on earth{(x is >= -90 and <= 90 && y is >= -180 and <= 180 && x != 0 ? ", but would be with longitude and latitude swapped" : "")}; it accepts longitudes from -180 to 180 and latitudes from -90 to 90, and not 0, 0.");
            return;
        }

        var precision = _read.Cell(mapped.Precision, out _) ?? "site";
        var uncertainty = mapped.UncertaintyMetres is { } metres ? (int?)_read.Number(metres, out _, out _) : null;
        if (_row.Country.Length == 0)
        {
            // Which boundaries to hold it against, the row does not say.
            return;
        }

        var found = _accepted.Places.Judge(x, y, uncertainty, _row.Country, _row.Region);
        var isSwapped = (found.Refusal is not null || found.IsFarOff) && _accepted.Places.LiesIn(y, x, _row.Country);
        if (found.Refusal is not null || isSwapped)
        {
            var swapped = isSwapped ? $" With longitude and latitude swapped it would lie in {_row.Country}." : "";
            _read.Wrong(at, column, shown, "coordinates", $"{found.Refusal ?? $"lies far from {_row.Country}, which the factory is said to be in."}{swapped} It accepts a point in {_row.Country}, or off its coast.");
            return;
        }

        if (found.IsFarOff)
        {
            Problems.Add(new(_row.Row, "remark", column, shown, "coordinates", $"lies in no region that is known here, and far from {_row.Country}, which the factory is said to be in; it is kept as it is."));
        }

        if (found.Elsewhere is { } elsewhere)
        {
            Problems.Add(new(_row.Row, "remark", string.Join(", ", new[] { _regionColumn, column }.OfType<string>()), $"{_row.Region} {shown}", "region", $"contradict each other, and both are kept: {elsewhere}"));
        }

        (_row.Lon, _row.Lat, _row.Precision, _row.UncertaintyMetres) = (x, y, precision, uncertainty);
        _row.Region ??= precision is "site" or "street" or "locality" or "municipality" ? found.Region : null;
        Add(new()
        {
            Key = KeyOf("location", isOfPhase: false, isPerRelease: false),
            Statement = "location",
            Kind = "location",
            Lon = x,
            Lat = y,
            Precision = precision,
            UncertaintyMetres = uncertainty,
            Method = mapped.Method,
            Columns = column,
        });
    }

    private void Claim()
    {
        foreach (var role in _mapping.Roles)
        {
            Say(role);
        }

        _row.Operators = [.. _row.Claims.Where(c => c.Kind == "role").Select(c => c.Operator ?? c.OperatorSlug!)];
        foreach (var each in _mapping.Events)
        {
            Say(each);
        }

        foreach (var each in _mapping.Figures)
        {
            Say(each);
        }
    }

    private void Say(MappedRole mapped)
    {
        var companies = _read.List(mapped.Operator);
        var names = mapped.Names is { } called ? _read.List(called) : [];
        var roles = mapped.Roles is { } parts ? _read.List(parts) : [];
        foreach (var (field, list) in new[] { (mapped.Names, names), (mapped.Roles, roles) })
        {
            if (list.Length > 0 && list.Length != companies.Length)
            {
                _read.Wrong(field!, field!.FirstColumn, CsvText.Joined(list), "operator", $"has {list.Length} where {mapped.Operator.FirstColumn} has {companies.Length}; it accepts as many, in the same order.");
                return;
            }
        }

        for (var i = 0; i < companies.Length; i++)
        {
            var role = roles.Length > 0 ? roles[i] : mapped.Role;
            if (mapped.BySlug ? !RowCells.IsSlug(companies[i]) : !companies[i].Any(char.IsLetterOrDigit))
            {
                _read.Wrong(mapped.Operator, mapped.Operator.FirstColumn, companies[i], "operator", mapped.BySlug ? "is no slug; it accepts that of a company." : "names nobody; it accepts the name of a company.");
            }
            else if (!Vocabularies.RoleKind.Contains(role))
            {
                _read.Wrong(mapped.Roles!, mapped.Roles!.FirstColumn, role, "role", $"is no role; it accepts {string.Join(", ", Vocabularies.RoleKind)}.");
            }
            else
            {
                Add(new()
                {
                    // Of several, each has a key of its own.
                    Key = KeyOf(companies.Length == 1 ? mapped.Id : $"{mapped.Id}-{i + 1}", isOfPhase: false, isPerRelease: false),
                    Statement = mapped.Id,
                    Kind = "role",
                    Operator = mapped.BySlug ? names.ElementAtOrDefault(i) : companies[i],
                    OperatorSlug = mapped.BySlug ? companies[i] : null,
                    Role = role,
                    Columns = string.Join(", ", mapped.Operator.Columns),
                });
            }
        }
    }

    private void Say(MappedEvent mapped)
    {
        var isPerRelease = mapped.Date is null;
        Edtf? date = null;
        string? dateColumn = null;
        if (mapped.Date is { } stated)
        {
            date = _read.Date(stated, out dateColumn);
            if (date is null)
            {
                return;
            }
        }

        var (status, milestone, note) = ((string?)null, (string?)null, mapped.Note);
        string? column = null;
        if (mapped.Status is { } field)
        {
            status = _read.Cell(field, out column, out var cell);
            if (status is not null && !Status.IsKnown(status))
            {
                if (field.Otherwise == "note" && cell is not null)
                {
                    (status, milestone, note) = (null, "other", $"{column}: {cell}");
                }
                else
                {
                    _read.Wrong(field, column, cell, "status", $"is no status; it accepts {string.Join(", ", field.Values.Count > 0 ? field.Values.Keys : Vocabularies.Status)}.");
                    return;
                }
            }

            note = cell is not null && mapped.Notes.TryGetValue(cell, out var noted) ? noted : note;
        }

        if (status is null && milestone is null && mapped.Milestone is { } other)
        {
            milestone = _read.Cell(other, out column, out var cell);
            if (milestone is not null && !Milestone.IsKnown(milestone))
            {
                _read.Wrong(other, column, cell, "milestone", $"is no milestone; it accepts {string.Join(", ", other.Values.Count > 0 ? other.Values.Keys : Vocabularies.Milestone)}.");
                return;
            }
        }

        if (status is null && milestone is null)
        {
            return;
        }

        date ??= Edtf.Parse(_day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        var meaning = isPerRelease ? DateMeaning.Observed : _read.Cell(mapped.DateMeaning, out _) ?? DateMeaning.Began;
        if (meaning == DateMeaning.Observed && status is not null && _row.Claims.Exists(c => c.Status == status && c.Date?.Text == date.Value.Text))
        {
            // The row says so of that day already.
            return;
        }

        var basis = _read.Cell(mapped.Basis, out var basisColumn) ?? Basis.Actual;
        if (!Vocabularies.Basis.Contains(basis))
        {
            _read.Wrong(mapped.Basis, basisColumn, basis, "basis", $"is no basis; it accepts {string.Join(", ", Vocabularies.Basis)}.");
            return;
        }

        Add(new()
        {
            Key = KeyOf(mapped.Id, _mapping.Phase is not null, isPerRelease),
            Statement = mapped.Id,
            IsPerRelease = isPerRelease,
            IsOfPhase = _mapping.Phase is not null,
            Kind = "status_event",
            // What is dated after the release is what it expects.
            Basis = date.Value.Earliest > _day ? Basis.Expected : basis,
            Confidence = mapped.Confidence,
            Note = note,
            Status = status,
            Milestone = milestone,
            Date = date,
            DateMeaning = meaning,
            Columns = string.Join(", ", new[] { column, dateColumn }.Where(c => c is not null).Distinct()),
        });
    }

    private void Say(MappedFigure mapped)
    {
        string? column = null;
        decimal? Read(Field? field)
        {
            if (field is null)
            {
                return null;
            }

            var number = _read.Number(field, out var from, out var text);
            column ??= from;
            if (number < 0)
            {
                _read.Wrong(field, from, text, "number", "is negative; it accepts what can be counted or measured.");
                return null;
            }

            return number * mapped.Factor;
        }

        var (value, min, max) = (Read(mapped.Value), Read(mapped.Min), Read(mapped.Max));
        var word = mapped.Word is { } vague ? _read.Text(vague, LongestText, out _) : null;
        if (value is null && min is null && max is null && word is null)
        {
            return;
        }

        if (min > max)
        {
            _read.Wrong(mapped.Max!, column, $"{min} {max}", "bounds", "is less than the least; it accepts bounds in their order.");
            return;
        }

        var unit = _read.Cell(mapped.Unit, out var unitColumn);
        if (unit is null || !_accepted.Units.Contains(unit))
        {
            _read.Wrong(mapped.Unit, unitColumn ?? mapped.Unit.FirstColumn, unit, "unit", $"is no unit; it accepts {string.Join(", ", _accepted.Units.Order(StringComparer.Ordinal))}.");
            return;
        }

        var qualifier = mapped.Qualifier is { } how ? _read.Cell(how, out _) : null;
        if (qualifier is not null && !Vocabularies.FigureQualifier.Contains(qualifier))
        {
            _read.Wrong(mapped.Qualifier!, mapped.Qualifier!.FirstColumn, qualifier, "qualifier", $"is no qualifier; it accepts {string.Join(", ", Vocabularies.FigureQualifier)}.");
            return;
        }

        var scope = mapped.Scope is { } extent ? _read.Cell(extent, out _) ?? "whole" : "whole";
        if (!MappingRules.Scopes.Contains(scope))
        {
            var accepted = string.Join(", ", MappingRules.Scopes);
            _read.Wrong(mapped.Scope!, mapped.Scope!.FirstColumn, scope, "scope", $"is no scope; it accepts {accepted}.");
            return;
        }

        Add(new()
        {
            Key = KeyOf(mapped.Id, _mapping.Phase is not null, isPerRelease: false),
            Statement = mapped.Id,
            IsOfPhase = _mapping.Phase is not null,
            Kind = "figure",
            Confidence = mapped.Confidence,
            Property = _read.Cell(mapped.Property, out _),
            Value = value,
            Min = min,
            Max = max,
            Word = value is null && min is null && max is null ? word : null,
            Unit = unit,
            Qualifier = qualifier,
            Product = mapped.Product is { } product ? _read.Text(product, LongestName, out _) : null,
            Scope = scope,
            Date = mapped.ForDate is { } date ? _read.Date(date, out _) : null,
            Columns = column,
        });
    }

    private string KeyOf(string statement, bool isOfPhase, bool isPerRelease) =>
        $"{_series}{(isPerRelease && _release is not null ? $"@{_release}" : "")}/{_row.Owner}{(isOfPhase ? $"/{_row.Phase}" : "")}/{statement}";

    private void Add(StagedClaim claim)
    {
        _said.Clear();
        _said.Append(claim.Kind).Append('|').Append(claim.Basis).Append('|').Append(claim.Confidence).Append('|').Append(claim.Note).Append('|')
            .Append(claim.Status).Append('|').Append(claim.Milestone).Append('|').Append(claim.DateMeaning).Append('|').Append(claim.Date?.Text).Append('|')
            .Append(claim.Property).Append('|').Append(Plain(claim.Value)).Append('|').Append(Plain(claim.Min)).Append('|').Append(Plain(claim.Max)).Append('|').Append(claim.Word).Append('|')
            .Append(claim.Unit).Append('|').Append(claim.Qualifier).Append('|').Append(claim.Product).Append('|')
            .Append(claim.Scope).Append('|')
            // What a company is called that has a slug is no part of what is said.
            .Append(claim.OperatorSlug is null ? claim.Operator : null).Append('|').Append(claim.OperatorSlug).Append('|').Append(claim.Role).Append('|')
            .Append(claim.Lon?.ToString("R", CultureInfo.InvariantCulture)).Append('|').Append(claim.Lat?.ToString("R", CultureInfo.InvariantCulture)).Append('|')
            .Append(claim.Precision).Append('|').Append(claim.UncertaintyMetres).Append('|').Append(claim.Method);
        claim.Fingerprint = Hashed();
        _row.Claims.Add(claim);
    }

    // 3.0 and 3 are one number.
    private static string? Plain(decimal? number) => number is { } n ? (n / 1.000000000000000000000000000000000m).ToString(CultureInfo.InvariantCulture) : null;

    [GeneratedRegex("^[a-z0-9]+(_[a-z0-9]+)*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SectorCode();

    [GeneratedRegex(@"^\s*(SRID=(?<srid>\d+);)?\s*POINT\s*Z?\s*\(\s*(?<x>-?[\d.eE+-]+)\s+(?<y>-?[\d.eE+-]+)(\s+-?[\d.eE+-]+)?\s*\)\s*$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WellKnownPoint();
}
