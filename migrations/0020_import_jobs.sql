-- Imports as jobs. The files that a job is given, and those that it makes for people to fetch, lie in one table, in parts.

alter table archive_part rename to job_part;
alter table job_part add column file text not null default 'archive' constraint job_part_file_known check (file in ('archive', 'upload', 'report'));
alter table job_part alter column file drop default;
alter table job_part drop constraint archive_part_pkey, add primary key (job_id, file, part);

-- What awaits its job was not there when something was redacted; it is a new statement.
create or replace function archives_forget_the_redacted() returns trigger language plpgsql as $$
begin
  delete from job_part where file <> 'upload';
  return null;
end $$;

-- However a job ends, what it was given is kept no longer.
create function jobs_forget_what_they_were_given() returns trigger language plpgsql as $$
begin
  delete from job_part where job_id = new.id and file = 'upload';
  return null;
end $$;

create trigger jobs_forget_what_they_were_given
  after update on job for each row when (old.ended_at is null and new.ended_at is not null) execute function jobs_forget_what_they_were_given();

-- What came of an import, kept so that a list of them counts nothing anew. A dry run leaves its counts here, its report with its job, and
-- no rows. While it is staged, its session holds the lock (489124, id): one whose lock is free is dead, and is swept away.
alter table import
  -- Null by the command line. Jobs are of this installation and in no archive.
  add column job_id           bigint,
  add column requested_by     text,
  -- Of a dry run, the source that it would make.
  add column source_slug      text collate "C",
  add column created          int not null default 0,
  add column updated          int not null default 0,
  add column unchanged        int not null default 0,
  add column matched          int not null default 0,
  add column rejected         int not null default 0,
  add column omitted          int not null default 0,
  add column remarks          int not null default 0,
  -- Null where it was not kept yet.
  add column no_longer_listed int,
  add column changes          int,
  add column staged_ms        int,
  add column notes            text[] not null default '{}',
  drop constraint import_state_known,
  add constraint import_state_known check (state in ('staging', 'staged', 'finished', 'failed', 'tried'));

update import i set created = r.created, updated = r.updated, unchanged = r.unchanged, matched = r.matched, rejected = r.rejected,
  omitted = (select count(*) from import_problem p where p.import_id = i.id and p.kind = 'omitted'),
  remarks = (select count(*) from import_problem p where p.import_id = i.id and p.kind = 'remark')
from (
  select import_id, count(*) filter (where outcome = 'created') as created, count(*) filter (where outcome = 'updated') as updated,
    count(*) filter (where outcome = 'unchanged') as unchanged, count(*) filter (where outcome = 'matched') as matched,
    count(*) filter (where outcome = 'rejected') as rejected
  from import_row group by import_id) r
where r.import_id = i.id;

-- What failed left nothing but its number, which nobody was told.
delete from import where state = 'failed';
