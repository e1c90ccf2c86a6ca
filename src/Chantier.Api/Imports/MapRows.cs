using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Chantier.Api.Http;
using Chantier.Domain;

namespace Chantier.Api.Imports;

/// <summary>What the tracker accepts that no code knows by itself.</summary>
internal sealed record Accepted(IReadOnlySet<string> Sectors, IReadOnlySet<string> Units, IReadOnlySet<string> Regions, PlaceBook Places);

/// <summary>Turns rows of a file into what they say, by a mapping. Of one row it never throws: what is not accepted it tells.</summary>
internal sealed partial class MapRows
{
    private const int LongestName = 300;
    private const int LongestText = 5_000;

    private readonly Mapping _mapping;
    private readonly Accepted _accepted;
    private readonly string _series;
    private readonly string? _release;
    private readonly DateOnly _day;
    private readonly Dictionary<string, int> _place;
    private readonly HashSet<string> _empty;
    private readonly Dictionary<Field, Dictionary<string, string>> _values = new(ReferenceEqualityComparer.Instance);
    private readonly string[] _dates;
    private readonly StringBuilder _said = new();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private StagedRow _row = null!;
    private string?[] _cells = [];
    private bool _isRejected;

    public MapRows(Mapping mapping, Accepted accepted, IReadOnlyList<string> wanted, string series, string? release, DateOnly day)
    {
        (_mapping, _accepted, _series, _release, _day) = (mapping, accepted, series, release, day);
        _place = wanted.Select((name, i) => (name, i)).ToDictionary(x => x.name, x => x.i);
        _empty = new(mapping.Empty, StringComparer.OrdinalIgnoreCase);
        _dates = [.. mapping.Dates.Where(d => d != "edtf")];
    }

    public List<CellProblem> Problems { get; } = [];

    /// <summary>The row as it is staged; its problems are added to those that are told.</summary>
    public StagedRow Map(FileRow file)
    {
        (_row, _cells, _isRejected) = (new StagedRow { Row = file.Number }, file.Cells, false);
        if (file.Wrong is not null)
        {
            _isRejected = true;
            Problems.Add(new(file.Number, "rejected", null, null, "row", file.Wrong));
        }

        _row.Owner = Identifier(_mapping.Factory.Identifier, out var ownerColumn);
        if (_row.Owner is null && file.Wrong is null && ownerColumn is null)
        {
            Reject(_mapping.Factory.Identifier.Columns[0], null, "required", "is empty; each row needs its identifier, and is known by it.");
        }

        if (_mapping.Phase is { } phase && _row.Owner is not null && !_isRejected)
        {
            _row.Phase = Identifier(phase.Identifier, out var phaseColumn);
            if (_row.Phase is null && phaseColumn is null)
            {
                Reject(phase.Identifier.Columns[0], null, "required", "is empty; each row needs the identifier of its unit, and is known by it.");
            }
        }

        if (!_isRejected)
        {
            Describe();
        }

        if (!_isRejected)
        {
            Locate();
        }

        if (!_isRejected)
        {
            Claim();
        }

        _row.IsRejected = _isRejected;
        if (_isRejected)
        {
            _row.Claims.Clear();
        }

        _row.Fingerprint = Fingerprint();
        return _row;
    }

    // The whole of what a row says, to tell a row that is repeated from another under the same identifier.
    private Guid Fingerprint()
    {
        _said.Clear();
        foreach (var cell in _cells)
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
        _row.Name = Text(factory.Name, LongestName, out var nameColumn)?.Replace("{id}", _row.Owner, StringComparison.Ordinal) ?? "";
        if (_row.Name.Length == 0 && !_isRejected)
        {
            Reject(factory.Name.FirstColumn, null, "required", "is empty; a factory needs a name.");
        }

        if (_row.Name.Contains('\uFFFD', StringComparison.Ordinal))
        {
            Problems.Add(new(_row.Row, "remark", nameColumn, _row.Name, "lost_character", "has a character that was lost before the file came here (U+FFFD); it is kept as it is."));
        }

        var sector = Cell(factory.Sector, out var sectorColumn);
        if (sector is null)
        {
            RequireUnlessRejected(factory.Sector.FirstColumn, "a factory needs a sector.");
        }
        else if (!_accepted.Sectors.Contains(sector))
        {
            Wrong(factory.Sector with { Wrong = "reject" }, sectorColumn, sector, "sector", $"is no sector; it accepts {string.Join(", ", _accepted.Sectors.Order(StringComparer.Ordinal))}, or more that the mapping says.");
        }

        _row.Sector = sector ?? "";
        var country = Cell(factory.Country, out var countryColumn);
        if (country is null)
        {
            RequireUnlessRejected(factory.Country.FirstColumn, "a factory needs a country.");
        }
        else if (country is not { Length: 2 } || !country.All(char.IsAsciiLetterUpper))
        {
            Wrong(factory.Country with { Wrong = "reject" }, countryColumn, country, "country", "is no country; it accepts a code of two letters such as FR, or a cell that the mapping translates.");
        }

        _row.Country = country ?? "";
        _row.Products = factory.Products is { } products ? List(products) : [];
        _row.Region = factory.Region is { } region ? Cell(region, out _) : null;
        if (_row.Region is not null && !_accepted.Regions.Contains(_row.Region))
        {
            Wrong(factory.Region!, factory.Region!.FirstColumn, _row.Region, "region", "is no region of the tracker; it accepts the slug of one.");
            _row.Region = null;
        }

        _row.Locality = factory.Locality is { } locality ? Text(locality, LongestName, out _) : null;
        _row.Website = factory.Website is { } website ? Text(website, LongestText, out _) : null;
        _row.PhaseName = _mapping.Phase?.Name is { } name ? Text(name, LongestName, out _) : null;
        _row.PhaseProduct = _mapping.Phase?.Product is { } product ? Text(product, LongestName, out _) : null;
    }

    private void RequireUnlessRejected(string? column, string why)
    {
        if (!_isRejected)
        {
            Reject(column, null, "required", $"is empty; {why}");
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
            var text = Cell(pointField, out column);
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
                Wrong(pointField, column, text, "point", $"is no point in {mapped.System}; it accepts POINT(2.1 49.5), with SRID={mapped.System[5..]}; before it or not.");
                return;
            }
        }
        else
        {
            var (east, north) = (Number(mapped.X!, out column, out var xText), Number(mapped.Y!, out var yColumn, out var yText));
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
                    Wrong(mapped.X!, xText is null ? mapped.X!.FirstColumn : mapped.Y!.FirstColumn, null, "coordinates", "is empty; a place needs both of its coordinates.");
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
                Wrong(at, column, shown, "coordinates", $"is off the grid; it accepts {BritishGrid.Accepted}.");
                return;
            }

            (x, y) = BritishGrid.ToWgs84(x, y);
            // A seventh of a metre; more would pretend.
            (x, y) = (Math.Round(x, 6), Math.Round(y, 6));
        }
        else if (x is not (>= -180 and <= 180) || y is not (>= -90 and <= 90) || (x == 0 && y == 0))
        {
            Wrong(at, column, shown, "coordinates", $"is no place on earth{(x is >= -90 and <= 90 && y is >= -180 and <= 180 && x != 0 ? ", but would be with longitude and latitude swapped" : "")}; it accepts longitudes from -180 to 180 and latitudes from -90 to 90, and not 0, 0.");
            return;
        }

        var precision = Cell(mapped.Precision, out _) ?? "site";
        var uncertainty = mapped.UncertaintyMetres is { } metres ? (int?)Number(metres, out _, out _) : null;
        var found = _accepted.Places.Judge(x, y, uncertainty, _row.Country);
        var isSwapped = (found.Refusal is not null || found.IsFarOff) && _accepted.Places.LiesIn(y, x, _row.Country);
        if (found.Refusal is not null || isSwapped)
        {
            var swapped = isSwapped ? $" With longitude and latitude swapped it would lie in {_row.Country}." : "";
            Wrong(at, column, shown, "coordinates", $"{found.Refusal ?? $"lies far from {_row.Country}, which the factory is said to be in."}{swapped} It accepts a point in {_row.Country}, or off its coast.");
            return;
        }

        if (found.IsFarOff)
        {
            Problems.Add(new(_row.Row, "remark", column, shown, "coordinates", $"lies in no region that is known here, and far from {_row.Country}, which the factory is said to be in; it is kept as it is."));
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
            var names = role.Operator.Separator is null ? (Text(role.Operator, LongestName, out _) is { } one ? [one] : []) : List(role.Operator);
            for (var i = 0; i < names.Length; i++)
            {
                if (!names[i].Any(char.IsLetterOrDigit))
                {
                    Wrong(role.Operator, role.Operator.FirstColumn, names[i], "operator", "names nobody; it accepts the name of a company.");
                    continue;
                }

                // Of several, each has a key of its own.
                var statement = names.Length == 1 ? role.Id : $"{role.Id}-{i + 1}";
                Add(new()
                {
                    Key = KeyOf(statement, isOfPhase: false, isPerRelease: false),
                    Statement = role.Id,
                    Kind = "role",
                    Operator = role.BySlug ? null : names[i],
                    OperatorSlug = role.BySlug ? names[i] : null,
                    Role = role.Role,
                    Columns = string.Join(", ", role.Operator.Columns.Where(_place.ContainsKey)),
                });
            }
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

    private void Say(MappedEvent mapped)
    {
        var isPerRelease = mapped.Date is null;
        Edtf? date = null;
        string? dateColumn = null;
        if (mapped.Date is { } stated)
        {
            date = Date(stated, out dateColumn);
            if (date is null)
            {
                return;
            }
        }

        var (status, milestone, note) = ((string?)null, (string?)null, mapped.Note);
        string? column = null;
        if (mapped.Status is { } field)
        {
            status = Cell(field, out column, out var cell);
            if (status is not null && !Status.IsKnown(status))
            {
                if (field.Otherwise == "note" && cell is not null)
                {
                    (status, milestone, note) = (null, "other", $"{column}: {cell}");
                }
                else
                {
                    Wrong(field, column, cell, "status", $"is no status; it accepts {string.Join(", ", field.Values.Count > 0 ? field.Values.Keys : Vocabularies.Status)}.");
                    return;
                }
            }

            note = cell is not null && mapped.Notes.TryGetValue(cell, out var noted) ? noted : note;
        }

        if (status is null && milestone is null && mapped.Milestone is { } other)
        {
            milestone = Cell(other, out column, out var cell);
            if (milestone is not null && !Milestone.IsKnown(milestone))
            {
                Wrong(other, column, cell, "milestone", $"is no milestone; it accepts {string.Join(", ", other.Values.Count > 0 ? other.Values.Keys : Vocabularies.Milestone)}.");
                return;
            }
        }

        if (status is null && milestone is null)
        {
            return;
        }

        date ??= Edtf.Parse(_day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Add(new()
        {
            Key = KeyOf(mapped.Id, _mapping.Phase is not null, isPerRelease),
            Statement = mapped.Id,
            IsPerRelease = isPerRelease,
            IsOfPhase = _mapping.Phase is not null,
            Kind = "status_event",
            // What is dated after the release is what it expects.
            Basis = date.Value.Earliest > _day ? Basis.Expected : Basis.Actual,
            Confidence = mapped.Confidence,
            Note = note,
            Status = status,
            Milestone = milestone,
            Date = date,
            DateMeaning = isPerRelease ? DateMeaning.Observed : Cell(mapped.DateMeaning, out _) ?? DateMeaning.Began,
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

            var number = Number(field, out var from, out var text);
            column ??= from;
            if (number < 0)
            {
                Wrong(field, from, text, "number", "is negative; it accepts what can be counted or measured.");
                return null;
            }

            return number * mapped.Factor;
        }

        var (value, min, max) = (Read(mapped.Value), Read(mapped.Min), Read(mapped.Max));
        var word = mapped.Word is { } vague ? Text(vague, LongestText, out _) : null;
        if (value is null && min is null && max is null && word is null)
        {
            return;
        }

        if (min > max)
        {
            Wrong(mapped.Max!, column, $"{min} {max}", "bounds", "is less than the least; it accepts bounds in their order.");
            return;
        }

        var unit = Cell(mapped.Unit, out var unitColumn);
        if (unit is null || !_accepted.Units.Contains(unit))
        {
            Wrong(mapped.Unit, unitColumn ?? mapped.Unit.FirstColumn, unit, "unit", $"is no unit; it accepts {string.Join(", ", _accepted.Units.Order(StringComparer.Ordinal))}.");
            return;
        }

        var qualifier = mapped.Qualifier is { } how ? Cell(how, out _) : null;
        if (qualifier is not null && !Vocabularies.FigureQualifier.Contains(qualifier))
        {
            Wrong(mapped.Qualifier!, mapped.Qualifier!.FirstColumn, qualifier, "qualifier", $"is no qualifier; it accepts {string.Join(", ", Vocabularies.FigureQualifier)}.");
            return;
        }

        Add(new()
        {
            Key = KeyOf(mapped.Id, _mapping.Phase is not null, isPerRelease: false),
            Statement = mapped.Id,
            IsOfPhase = _mapping.Phase is not null,
            Kind = "figure",
            Confidence = mapped.Confidence,
            Property = Cell(mapped.Property, out _),
            Value = value,
            Min = min,
            Max = max,
            Word = value is null && min is null && max is null ? word : null,
            Unit = unit,
            Qualifier = qualifier,
            Product = mapped.Product is { } product ? Text(product, LongestName, out _) : null,
            Date = mapped.Date is { } date ? Date(date, out _) : null,
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
            .Append(claim.Operator).Append('|').Append(claim.OperatorSlug).Append('|').Append(claim.Role).Append('|')
            .Append(claim.Lon?.ToString("R", CultureInfo.InvariantCulture)).Append('|').Append(claim.Lat?.ToString("R", CultureInfo.InvariantCulture)).Append('|')
            .Append(claim.Precision).Append('|').Append(claim.UncertaintyMetres).Append('|').Append(claim.Method);
        claim.Fingerprint = Hashed();
        _row.Claims.Add(claim);
    }

    // 3.0 and 3 are one number.
    private static string? Plain(decimal? number) => number is { } n ? (n / 1.000000000000000000000000000000000m).ToString(CultureInfo.InvariantCulture) : null;

    private string? Identifier(MappedIdentifier mapped, out string? column)
    {
        column = null;
        foreach (var name in mapped.Columns)
        {
            if (Raw(name) is not { } cell)
            {
                continue;
            }

            column = name;
            if (mapped.Scheme == "slug")
            {
                if (Slug().IsMatch(cell) && cell.Length <= 120)
                {
                    return cell;
                }

                Reject(name, cell, "identifier", "is no slug; it accepts lower-case letters and digits, in words with '-' between them.");
                return null;
            }

            if (Identifiers.TryNormalise(mapped.Scheme, cell, out var normalised, out var wrong))
            {
                // Only what is in the first column is unique by itself.
                return mapped == _mapping.Phase?.Identifier && name != mapped.Columns[0] ? $"{_row.Owner}/{normalised}" : normalised;
            }

            Reject(name, cell, "identifier", wrong);
            return null;
        }

        return null;
    }

    // The cell without what spreadsheets and people leave around it; null where it says nothing.
    private string? Raw(string column)
    {
        var cell = _place.TryGetValue(column, out var i) ? _cells[i] : null;
        if (cell is null)
        {
            return null;
        }

        var trimmed = cell.Trim();
        trimmed = _mapping.Guarded ? CsvText.Unguarded(trimmed) : trimmed;
        return trimmed.Length == 0 || _empty.Contains(trimmed) ? null : trimmed;
    }

    private string? Cell(Field field, out string? column) => Cell(field, out column, out _);

    // What a field means: the cell translated, the constant where it says nothing.
    private string? Cell(Field field, out string? column, out string? cell)
    {
        (column, cell) = (null, null);
        foreach (var name in field.Columns)
        {
            if (Raw(name) is not { } text)
            {
                continue;
            }

            (column, cell) = (name, text);
            if (field.Values.Count == 0)
            {
                return text;
            }

            if (Values(field).TryGetValue(text, out var code))
            {
                return code.Length == 0 ? null : code;
            }

            switch (field.Otherwise)
            {
                case "keep" or "note": return text;
                case "constant": return field.Constant;
                case "omit":
                    Problems.Add(new(_row.Row, "omitted", name, text, "vocabulary", NotListed(field)));
                    return null;
                default:
                    Reject(name, text, "vocabulary", NotListed(field));
                    return null;
            }
        }

        return field.Constant;
    }

    private static string NotListed(Field field) => $"is not among the values of the mapping; it accepts {string.Join(", ", field.Values.Keys.Take(40))}.";

    private Dictionary<string, string> Values(Field field)
    {
        if (!_values.TryGetValue(field, out var values))
        {
            _values[field] = values = new(StringComparer.OrdinalIgnoreCase);
            foreach (var (cell, code) in field.Values)
            {
                values[cell.Trim()] = code;
            }
        }

        return values;
    }

    private string? Text(Field field, int longest, out string? column)
    {
        if (Cell(field, out column) is not { } text)
        {
            return null;
        }

        text = White().Replace(text, " ").Trim();
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            Wrong(field, column, "…", "text", "has a character of value 0, which text has not.");
            return null;
        }

        if (text.Length > longest)
        {
            Wrong(field, column, text, "length", $"has {text.Length} characters; it accepts {longest} at most.");
            return null;
        }

        return text;
    }

    private string[] List(Field field)
    {
        if (field.Separator is not { } separator)
        {
            return Text(field, LongestName, out _) is { } one ? [one] : [];
        }

        return field.Columns.Select(Raw).OfType<string>().FirstOrDefault()?.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
    }

    private decimal? Number(Field field, out string? column, out string? text)
    {
        text = Cell(field, out column);
        if (text is null)
        {
            return null;
        }

        var plain = _mapping.Decimal == "," ? text.Replace(',', '.') : text;
        if (PlainNumber().IsMatch(plain) && !(_mapping.Decimal == "," && text.Contains('.', StringComparison.Ordinal))
            && decimal.TryParse(plain, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        var hint = _mapping.Decimal == "." && text.Contains(',', StringComparison.Ordinal) ? " If its comma stands before decimals, the mapping has to say \"decimal\": \",\"." : "";
        Wrong(field, column, text, "number", $"is no number; it accepts digits with '{_mapping.Decimal}' before the decimals, and nothing between thousands.{hint}");
        return null;
    }

    private Edtf? Date(Field field, out string? column)
    {
        if (Cell(field, out column) is not { } text)
        {
            return null;
        }

        if (_dates.Length > 0)
        {
            if (DateOnly.TryParseExact(text, _dates, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            {
                return Edtf.Parse(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            }

            if (!_mapping.Dates.Contains("edtf"))
            {
                // A constant is the mapping's own, and EDTF.
                if (column is null && Edtf.TryParse(text, out var constant, out _))
                {
                    return constant;
                }

                Wrong(field, column, text, "date", $"is no date; it accepts {string.Join(" or ", _dates)}, as the mapping says.");
                return null;
            }
        }

        if (Edtf.TryParse(text, out var date, out var wrong))
        {
            return date;
        }

        Wrong(field, column, text, "date", $"is no date: {wrong} If a column has them otherwise, the mapping has to say so in \"dates\", such as dd/MM/yyyy.");
        return null;
    }

    private void Wrong(Field field, string? column, string? value, string rule, string detail)
    {
        if ((field.Wrong ?? _mapping.Wrong) == "omit")
        {
            Problems.Add(new(_row.Row, "omitted", column, Shown(value), rule, detail));
        }
        else
        {
            Reject(column, value, rule, detail);
        }
    }

    private void Reject(string? column, string? value, string rule, string detail)
    {
        _isRejected = true;
        Problems.Add(new(_row.Row, "rejected", column, Shown(value), rule, detail));
    }

    private static string? Shown(string? value) => (value is { Length: > 200 } ? $"{value.AsSpan(0, 200)}…" : value)?.Replace("\0", "", StringComparison.Ordinal);

    [GeneratedRegex(@"^\s*(SRID=(?<srid>\d+);)?\s*POINT\s*Z?\s*\(\s*(?<x>-?[\d.eE+-]+)\s+(?<y>-?[\d.eE+-]+)(\s+-?[\d.eE+-]+)?\s*\)\s*$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WellKnownPoint();

    [GeneratedRegex(@"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PlainNumber();

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Slug();

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex White();
}
