-- Returns how alike two names are from 0 to 1, each from match_name and with its marks from name_numbering.
create or replace function name_likeness(a text, a_marks text[], b text, b_marks text[]) returns float8
  language sql immutable strict parallel safe
as $$
  select greatest(similarity(a, b), 0.8 * greatest(strict_word_similarity(a, b), strict_word_similarity(b, a)))
    * case when a_marks <> b_marks and a_marks <> '{}' and b_marks <> '{}' then 0.5 else 1 end;
$$;
