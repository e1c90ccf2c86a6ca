-- Returns the rank of a confidence, the highest first; every order of claims uses it.
-- It is not strict, because a strict function would not be inlined.
create or replace function confidence_rank(text) returns int
  language sql immutable parallel safe
as $$
  select case $1 when 'high' then 1 when 'medium' then 2 else 3 end;
$$;
