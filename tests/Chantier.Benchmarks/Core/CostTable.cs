namespace Chantier.Benchmarks.Core;

/// <summary>A table of what was measured beside its goal. A row is printed as soon as it is measured.</summary>
internal sealed class CostTable
{
    public CostTable(string title)
    {
        Console.WriteLine($"{title}\n");
        Console.WriteLine("| what | measured | goal |");
        Console.WriteLine("|---|---|---|");
    }

    /// <summary>How many goals were missed.</summary>
    public int Missed { get; private set; }

    public void Add(string what, string measured, string goal, bool isMet)
    {
        Missed += isMet ? 0 : 1;
        Console.WriteLine($"| {what} | {measured}{(isMet ? "" : " **missed**")} | {goal} |");
    }
}
