namespace Chantier.Domain.Tests;

public sealed class StatusTests
{
    [Theory]
    [InlineData("planned", "rumoured, announced, planning, permitted")]
    [InlineData("building", "site_preparation, under_construction, commissioning")]
    [InlineData("active", "operating")]
    [InlineData("stopped", "idled, suspended")]
    [InlineData("ended", "cancelled, never_commissioned, closed, dismantled")]
    public void A_stage_has_its_terms_in_order_of_progress(string stage, string terms) =>
        Assert.Equal(terms.Split(", "), Status.All.Where(t => t.Stage == stage).Select(t => t.Code));

    [Fact]
    public void There_are_fourteen_terms_in_five_stages()
    {
        Assert.Equal(14, Status.All.Count);
        Assert.Equal(Enumerable.Range(1, 14), Status.All.Select(t => t.Progress));
        Assert.Equal(Enumerable.Range(1, 11), Status.All.Select(t => t.RollUpRank).Distinct().Order());
        Assert.Equal(Stage.All, Status.All.Select(t => t.Stage).Distinct());
    }

    [Fact]
    public void The_roll_up_ranks_the_terms_that_are_not_ended() =>
        Assert.Equal(
            "operating, commissioning, under_construction, site_preparation, idled, permitted, planning, announced, suspended, rumoured",
            string.Join(", ", Status.All.Where(t => t.Stage != Stage.Ended).OrderBy(t => t.RollUpRank).Select(t => t.Code)));

    [Fact]
    public void The_ended_terms_share_the_last_rank() =>
        Assert.All(Status.All, t => Assert.Equal(t.Stage == Stage.Ended, t.RollUpRank == 11));

    [Fact]
    public void A_milestone_is_no_status()
    {
        Assert.Equal(28, Milestone.All.Distinct().Count());
        Assert.All(Milestone.All, code => Assert.True(Milestone.IsKnown(code) && !Status.IsKnown(code)));
        Assert.All(Status.All, term => Assert.True(Status.IsKnown(term.Code) && !Milestone.IsKnown(term.Code)));
        Assert.False(Status.IsKnown(null) || Milestone.IsKnown(null) || Status.IsKnown("Operating"));
        Assert.Equal(Status.Idled, Status.Term("idled").Code);
    }
}
