import { useEffect } from 'preact/hooks';
import { Link, hrefOf } from './address';
import { urlOf, useAll, useAnswer } from './api';
import { tell } from './edtf';
import { timeOf } from './filter';
import { Section, Show, quantity } from './parts';
import { useTerms } from './terms';
import type { Claim, Source } from './views';
import { spelled, useWords } from './words';

function What({ claim }: { claim: Claim }) {
  const { lang, t } = useWords();
  const { label } = useTerms();
  const what = claim.kind === 'status_event' ? label(claim.status ?? claim.milestone ?? '')
    : claim.kind === 'figure' ? `${t.properties[claim.property!] ?? spelled(claim.property!)}: ${quantity(lang, t, claim)}`
    : claim.kind === 'role' ? `${claim.operator?.name}: ${t.roles[claim.role!] ?? spelled(claim.role!)}`
    : claim.kind === 'ownership' ? `${claim.shareholder?.name} → ${claim.operator?.name}${claim.share === null ? '' : `: ${claim.share} %`}`
    : t.kinds[claim.kind] ?? spelled(claim.kind);
  const basis = claim.basis === 'expected' ? t.expected : claim.basis === 'inferred' ? t.inferred : null;
  return <>{what}{basis && <span class="quiet"> {basis}</span>}{claim.claimNote && <span class="quiet"> — {claim.claimNote}</span>}</>;
}

/** One source: what it is, where it is read, and every claim that rests on it. */
export default function SourcePage({ slug, params }: { slug: string; params: URLSearchParams }) {
  const { lang, t } = useWords();
  const path = `/v1/sources/${encodeURIComponent(slug)}`;
  const source = useAnswer<Source>(urlOf(path, timeOf(params), { lang, fields: 'slug,kind,title,publisher,url,archiveUrl,published,language,licence,retracted' }));
  const claims = useAll<Claim>(urlOf(`${path}/claims`, timeOf(params), { lang, limit: 1000 }));
  const name = source.data?.title ?? source.data?.publisher ?? slug;
  useEffect(() => {
    document.title = `${name} – Chantier`;
  }, [name]);
  return (
    <main id="content" class="narrow">
      <Show answer={source}>
        {data => (
          <>
            <h1>{name}</h1>
            {data.retracted && <p class="failure">{t.retracted}</p>}
            <dl class="facts">
              {data.publisher && <div><dt>{t.publisher}</dt><dd>{data.publisher}</dd></div>}
              <div><dt>{t.published}</dt><dd>{tell(data.published, lang)}</dd></div>
              <div><dt>{t.kind}</dt><dd>{spelled(data.kind)}</dd></div>
              {data.licence && <div><dt>{t.licence}</dt><dd>{data.licence}</dd></div>}
            </dl>
            <p>
              {data.url && <a class="button" href={data.url} rel="noreferrer" target="_blank">{t.read} ↗</a>}{' '}
              {data.archiveUrl && <a href={data.archiveUrl} rel="noreferrer" target="_blank">{t.archived} ↗</a>}
            </p>
            <Section id="claims" title={t.restsOn}>
              <Show answer={claims} empty={t.nothingToShow}>
                {all => (
                  <div class="scroll" tabIndex={0} role="region" aria-labelledby="claims">
                    <table>
                      <thead><tr><th>{t.site}</th><th>{t.what}</th><th>{t.date}</th></tr></thead>
                      <tbody>
                        {all.map(claim => (
                          <tr key={claim.id}>
                            <td>{claim.factory && <Link href={hrefOf(`/factories/${claim.factory.slug}`, params)}>{claim.factory.name}</Link>}</td>
                            <td><What claim={claim} /></td>
                            <td>{claim.date && tell(claim.date, lang)}</td>
                          </tr>
                        ))}
                      </tbody>
                    </table>
                  </div>
                )}
              </Show>
            </Section>
          </>
        )}
      </Show>
    </main>
  );
}
