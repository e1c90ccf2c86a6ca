-- Fills every search entry and every count of words anew; a rebuild calls it.
create or replace function rebuild_search() returns void language plpgsql as $$
declare
  sort  text;
  batch bigint[];
begin
  truncate search_entry, search_word;
  -- An index is built faster than it is kept up to date.
  drop index search_entry_words, search_entry_name, search_word_trigrams;
  for sort, batch in
    select x.kind, array_agg(x.id order by x.id)
    from (
      select r.kind, r.id, (row_number() over (partition by r.kind order by r.id) - 1) / 5000 as part
      from (
        select 'factory' as kind, id from factory
        union all
        select 'operator', id from operator
        union all
        select 'region', id from region) r) x
    group by x.kind, x.part
  loop
    insert into search_entry (kind, id, name, words)
    select sort, e.id, e.name, e.words from search_entry_of(sort, batch) e;
  end loop;
  insert into search_word (kind, word, entries)
  select e.kind, w.lexeme, count(*) from search_entry e cross join lateral unnest(e.words) w group by e.kind, w.lexeme;
  create index search_entry_words on search_entry using gin (words) with (gin_pending_list_limit = 256);
  create index search_entry_name on search_entry (kind, name);
  create index search_word_trigrams on search_word using gin (word gin_trgm_ops) where word !~ '[0-9@#]';
end $$;
