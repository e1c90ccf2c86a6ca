namespace Chantier.Benchmarks.Core;

/// <summary>Prints each row as soon as it is measured, with its goal, and marks it where the goal is missed.</summary>
internal sealed class CostTable
{
    public CostTable(string title)
    {
        Console.WriteLine($"{title}\n");
        Console.WriteLine("| what | measured | goal |");
        Console.WriteLine("|---|---|---|");
    }

    /// <summary>So many goals were missed.</summary>
    public int Missed { get; private set; }

    public void Add(string what, string measured, string goal, bool isMet)
    {
        Missed += isMet ? 0 : 1;
        Console.WriteLine($"| {what} | {measured}{(isMet ? "" : " **missed**")} | {goal} |");
    }
}
