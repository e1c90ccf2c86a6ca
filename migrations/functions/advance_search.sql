-- Brings the search entries of these resources up to date, and the counts of the words that they gained and lost.
create or replace function advance_search(p_kind text, p_ids bigint[]) returns void language plpgsql as $$
begin
  if p_ids = '{}' then
    return;
  end if;
  with fresh as materialized (
    select x.id, x.name, x.words from search_entry_of(p_kind, p_ids) x
  ), same as materialized (
    select e.id from search_entry e join fresh f on f.id = e.id and f.name = e.name and f.words = e.words
    where e.kind = p_kind and e.id = any (p_ids)
  ), removed as (
    delete from search_entry e
    where e.kind = p_kind and e.id = any (p_ids) and not exists (select from fresh f where f.id = e.id)
    returning e.words
  ), replaced as (
    select e.words from search_entry e join fresh f on f.id = e.id
    where e.kind = p_kind and e.id = any (p_ids) and not exists (select from same s where s.id = e.id)
  ), added as (
    insert into search_entry as e (kind, id, name, words)
    select p_kind, f.id, f.name, f.words from fresh f where not exists (select from same s where s.id = f.id)
    on conflict (kind, id) do update set name = excluded.name, words = excluded.words
    returning e.words
  ), counted as (
    select w.lexeme as word, sum(x.sign)::int as entries
    from (
      select a.words, 1 as sign from added a
      union all
      select r.words, -1 from removed r
      union all
      select r.words, -1 from replaced r) x
    cross join lateral unnest(x.words) w
    group by w.lexeme
    having sum(x.sign) <> 0
  )
  insert into search_word as s (kind, word, entries)
  select p_kind, c.word, c.entries from counted c
  on conflict (kind, word) do update set entries = s.entries + excluded.entries;
  delete from search_word where kind = p_kind and entries = 0;
end $$;
