using System.Globalization;

namespace Chantier.Benchmarks.Core;

/// <summary>Medians of what was timed, and how they are shown.</summary>
internal static class Timing
{
    public static double Median(IEnumerable<double> values)
    {
        List<double> sorted = [.. values.Order()];
        return sorted[sorted.Count / 2];
    }

    public static string Text(double milliseconds) =>
        milliseconds.ToString(milliseconds < 10 ? "F1" : "F0", CultureInfo.InvariantCulture) + " ms";

    public static string Ratio(double ratio) => ratio.ToString("F1", CultureInfo.InvariantCulture) + " ×";
}
