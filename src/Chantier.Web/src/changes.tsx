import { useState } from 'preact/hooks';
import { urlOf, useAll, type Answer } from './api';
import { What, useNamesIn } from './claim';
import { tellMoment } from './edtf';
import { Show } from './parts';
import type { Change, Entry, Told } from './views';
import { spelled, useWords } from './words';

// As many as the service takes in one question.
const most = 100;

const nameOf = ({ resourceType, resourceId }: Change) => `${resourceType}:${resourceId}`;

// What a claim says stands where it was recorded; where it ends, only what ended it.
const claimOf = (entries: Entry[]): Told | null => entries.map(({ after }) => after).find(after => after && 'basis' in after) as unknown as Told ?? null;

/** The entries of one write, each in words. */
function Entries({ slug, entries }: { slug: string; entries: Change[] }) {
  const { t } = useWords();
  const shown = entries.slice(0, most);
  const told = useAll<Entry>(urlOf('/v1/changes', { resource: shown.map(entry => entry.resourceType === 'factory' ? `factory:${slug}` : nameOf(entry)).join(), limit: 1000 }));
  const byName = Map.groupBy(told.data ?? [], nameOf);
  const claims = new Map([...byName].flatMap(([name, all]) => {
    const claim = claimOf(all);
    return claim ? [[name, claim] as const] : [];
  }));
  const names = useNamesIn([...claims.values()]);
  return (
    <Show answer={told}>
      {all => (
        <ul>
          {shown.map(change => {
            const claim = claims.get(nameOf(change));
            const { before, after } = all.find(entry => entry.seq === change.seq) ?? {};
            const fields = before && after ? Object.keys(after) : [];
            const kind = t.kinds[change.resourceType] ?? spelled(change.resourceType);
            return (
              <li key={change.seq}>
                {claim ? <><What claim={claim} names={names} />{before && ` (${(t.causes[change.cause] ?? change.cause).toLowerCase()})`}</>
                  : <>{fields.length > 0 ? t.is(kind, '') : kind}{typeof after?.source === 'string' && <span class="quiet"> {after.source}</span>}{fields.length > 0 && <code>{fields.join(', ')}</code>}</>}
              </li>
            );
          })}
          {entries.length > most && <li class="quiet">{t.andMore(entries.length - most)}</li>}
        </ul>
      )}
    </Show>
  );
}

function Write({ slug, entries }: { slug: string; entries: Change[] }) {
  const { lang, t } = useWords();
  const [isOpen, setOpen] = useState(false);
  const { at, cause, actor } = entries[0]!;
  const kinds = [...Map.groupBy(entries, entry => entry.resourceType)].map(([type, own]) => `${own.length} × ${t.kinds[type] ?? spelled(type)}`);
  return (
    <li>
      <details onToggle={event => setOpen(event.currentTarget.open)}>
        <summary><time dateTime={at}>{tellMoment(at, lang)}</time> {t.causes[cause] ?? spelled(cause)} {t.by} {t.is(actor, kinds.join(', '))}</summary>
        {isOpen && <Entries slug={slug} entries={entries} />}
      </details>
    </li>
  );
}

/** What was written of a site, the latest first: entries of one write belong together. */
export function Changes({ slug, answer }: { slug: string; answer: Answer<Change[]> }) {
  return (
    <Show answer={answer}>
      {changes => (
        <ol class="changes">
          {[...Map.groupBy(changes, change => `${change.at}|${change.cause}|${change.actor}`)].reverse().map(([write, entries]) => <Write key={write} slug={slug} entries={entries} />)}
        </ol>
      )}
    </Show>
  );
}
