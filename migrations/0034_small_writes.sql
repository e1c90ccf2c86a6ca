-- What a write costs does not grow with what was there before it.

-- Words that no entry has any more are few, and gone by the end of the write that took the last: they were looked for among all words.
create index search_word_gone on search_word (kind) where entries = 0;

-- How the projections of so many factories are planned: of few by plans that are kept, which find their rows by index, whatever share of a
-- table one import once made; of many for what they are, and in memory enough.
create or replace function plan_for(p_factories int) returns void language plpgsql as $$
begin
  perform set_config('plan_cache_mode', case when p_factories > 50 then 'force_custom_plan' else 'force_generic_plan' end, true),
    set_config('enable_seqscan', case when p_factories > 50 then 'on' else 'off' end, true),
    set_config('jit', 'off', true),
    set_config('work_mem', case when p_factories > 50 then '64MB' else current_setting('work_mem') end, true);
end $$;
