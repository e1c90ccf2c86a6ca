-- Fills factory_merged from the merge claims: each merged factory leads to the last survivor of its chain at the time.
create or replace function rebuild_merges() returns void language sql as $$
  delete from factory_merged;
  with recursive step as (
    select c.factory_id as loser_id, m.survivor_id, c.known_from, c.known_to
    from claim c join merge m on m.claim_id = c.id
  ), path as (
    select s.loser_id, s.survivor_id, s.known_from, s.known_to, 0 as depth from step s
    union all
    select p.loser_id, s.survivor_id, greatest(p.known_from, s.known_from), least(p.known_to, s.known_to), p.depth + 1
    from path p
    join step s on s.loser_id = p.survivor_id and s.known_from < p.known_to and s.known_to > p.known_from
    where p.depth < 20
  ), moment as (
    select p.loser_id, p.known_from as at from path p
    union
    select p.loser_id, p.known_to from path p
  ), cut as (
    select m.loser_id, m.at as known_from, lead(m.at) over (partition by m.loser_id order by m.at) as known_to
    from moment m
  ), last as (
    select distinct on (c.loser_id, c.known_from) c.loser_id, p.survivor_id, c.known_from, c.known_to
    from cut c
    join path p on p.loser_id = c.loser_id and p.known_from <= c.known_from and p.known_to >= c.known_to
    where c.known_to is not null
    order by c.loser_id, c.known_from, p.depth desc
  ), marked as (
    select l.loser_id, l.survivor_id, l.known_from, l.known_to,
      (lag(l.known_to) over w, lag(l.survivor_id) over w) is distinct from (l.known_from, l.survivor_id) as begins
    from last l
    window w as (partition by l.loser_id order by l.known_from)
  ), grouped as (
    select m.loser_id, m.survivor_id, m.known_from, m.known_to,
      count(*) filter (where m.begins) over (partition by m.loser_id order by m.known_from) as island
    from marked m
  )
  insert into factory_merged (loser_id, survivor_id, known_from, known_to)
  select g.loser_id, g.survivor_id, min(g.known_from), max(g.known_to)
  from grouped g
  group by g.loser_id, g.survivor_id, g.island;
$$;
