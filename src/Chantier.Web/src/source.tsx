import { useEffect } from 'preact/hooks';
import { Link, changed, hrefOf } from './address';
import { urlOf, useAll, useAnswer } from './api';
import { What, useNamesIn } from './claim';
import { tell } from './edtf';
import { timeOf } from './filter';
import { Heading, Section, Show, locatorWords, nameOfSource } from './parts';
import type { Claim, Source } from './views';
import { spelled, useWords } from './words';

/** What a source is taken to say, under what it says it of: each claim once, with all the places in the source that it rests on. */
function Claims({ rows, params }: { rows: Claim[]; params: URLSearchParams }) {
  const { lang } = useWords();
  const names = useNamesIn(rows);
  const subjects = Map.groupBy(rows, ({ factory, operator }) => factory ? `/factories/${factory.slug}` : operator ? `/?operator=${operator}` : '');
  return (
    <div class="claims">
      {[...subjects].map(([path, own]) => {
        const { factory, operator } = own[0]!;
        return (
          <article key={path}>
            {factory ? <h3><Link href={hrefOf(path, params)}>{factory.name}</Link></h3>
              : operator && <h3><Link href={hrefOf('/', changed(params, { operator }), ['operator'])}>{names.operator(operator)}</Link></h3>}
            <ul>
              {[...Map.groupBy(own, claim => claim.id).values()].map(places => (
                <li key={places[0]!.id}>
                  <What claim={places[0]!} names={names} />
                  <ul class="sources">
                    {places.filter(({ locator, note }) => locator ?? note).sort((one, other) => (one.locator?.start ?? 0) - (other.locator?.start ?? 0)).map(({ locator, note }, i) => (
                      <li key={i}>{locator && locatorWords(lang, locator)} {note && <span class="quiet">{note}</span>}</li>
                    ))}
                  </ul>
                </li>
              ))}
            </ul>
          </article>
        );
      })}
    </div>
  );
}

/** One source: what it is, where it is read, and every claim that rests on it. */
export default function SourcePage({ slug, params }: { slug: string; params: URLSearchParams }) {
  const { lang, t } = useWords();
  const path = `/v1/sources/${encodeURIComponent(slug)}`;
  const source = useAnswer<Source>(urlOf(path, timeOf(params), { lang, fields: 'slug,kind,title,publisher,url,archiveUrl,published,licence,retracted' }));
  const claims = useAll<Claim>(urlOf(`${path}/claims`, timeOf(params), { lang, limit: 1000 }));
  const name = source.data ? nameOfSource(source.data) : slug;
  useEffect(() => {
    document.title = `${name} – Chantier`;
  }, [name]);
  return (
    <main id="content" class="narrow">
      <Show answer={source} isWhole>
        {data => (
          <>
            <Heading>{name}</Heading>
            {data.retracted && <p class="failure">{t.retracted}</p>}
            <dl class="facts">
              {data.publisher && <div><dt>{t.publisher}</dt><dd>{data.publisher}</dd></div>}
              <div><dt>{t.published}</dt><dd>{tell(data.published, lang)}</dd></div>
              <div><dt>{t.kind}</dt><dd>{t.sourceKinds[data.kind] ?? spelled(data.kind)}</dd></div>
              {data.licence && <div><dt>{t.licence}</dt><dd>{data.licence === 'unknown' ? t.licenceUnknown : data.licence}</dd></div>}
            </dl>
            <p>
              {data.url && <a class="button" href={data.url} rel="noreferrer" target="_blank">{t.read} ↗</a>}{' '}
              {data.archiveUrl && <a href={data.archiveUrl} rel="noreferrer" target="_blank">{t.archived} ↗</a>}
            </p>
            <Section id="claims" title={t.restsOn}>
              <Show answer={claims} empty={t.nothingRests}>{rows => <Claims rows={rows} params={params} />}</Show>
            </Section>
          </>
        )}
      </Show>
    </main>
  );
}
