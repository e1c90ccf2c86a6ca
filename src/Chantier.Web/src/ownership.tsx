import { Link, changed, hrefOf } from './address';
import { urlOf, useAnswer, type Page } from './api';
import { tell } from './edtf';
import { timeOf } from './filter';
import { Sources, nameOfSource } from './parts';
import type { Evidence, FactoryDetail, Holding, Ownership, Ref, Source } from './views';
import { number, spelled, useWords } from './words';

// As many as the service takes in one question.
const most = 100;

/** Of sources that are told by their slugs: what they are, as evidence without the place in them. */
function useEvidence(slugs: string[]): (slug: string) => Evidence {
  const asked = [...new Set(slugs)].sort().slice(0, most);
  const found = useAnswer<Page<Source>>(asked.length > 0 ? urlOf('/v1/sources', { slug: asked.join(), fields: 'slug,title,publisher,url,published', limit: most }) : null);
  return slug => {
    const source = found.data?.items.find(one => one.slug === slug);
    return { source: { slug, name: source ? nameOfSource(source) : slug }, url: source?.url ?? null, published: source?.published ?? null, locator: null, note: null };
  };
}

function Shareholders({ of, params }: { of: Ref; params: URLSearchParams }) {
  const { lang, t } = useWords();
  const answer = useAnswer<Ownership>(urlOf(`/v1/operators/${of.slug}/ownership`, timeOf(params), { lang }));
  const evidenceOf = useEvidence(answer.data?.direct.flatMap(({ sources }) => sources) ?? []);
  if (!answer.data || answer.data.direct.length === 0) return null;
  const { direct, unknown } = answer.data;
  const range = ({ share, min, max }: Holding) => share !== null ? `${number(lang, share)} %` : min !== null || max !== null ? `${number(lang, min ?? 0)} – ${number(lang, max ?? 100)} %` : t.shareUnknown;
  return (
    <>
      <h3>{t.shareholders(of.name)}</h3>
      <ul class="shares">
        {direct.map(holding => (
          <li key={holding.id}>
            <Link href={hrefOf('/', changed(params, { operator: holding.shareholder.slug }), ['operator'])}>{holding.shareholder.name}</Link> <b>{range(holding)}</b>
            {holding.valid && <span class="quiet"> {tell(holding.valid, lang)}</span>}{holding.note && <span class="quiet"> — {holding.note}</span>}
            {(holding.share ?? holding.min) !== null && <div class="share" aria-hidden="true"><i style={{ width: `${holding.share ?? holding.min}%` }} /></div>}
            <Sources evidence={holding.sources.map(evidenceOf)} params={params} />
          </li>
        ))}
        {unknown.max > 0 && <li class="quiet">{t.unknownRest} <b>{unknown.min === unknown.max ? `${number(lang, unknown.max)} %` : `${number(lang, unknown.min)} – ${number(lang, unknown.max)} %`}</b></li>}
      </ul>
    </>
  );
}

/** The companies that have a part in a site, since when, and who holds those that run or own it. */
export function Owners({ factory, params }: { factory: FactoryDetail; params: URLSearchParams }) {
  const { lang, t } = useWords();
  if (factory.operators.length === 0) return <p class="empty">{t.noOperators}</p>;
  return (
    <ul class="operators">
      {factory.operators.map(operator => {
        const claims = factory.evidence.filter(({ field, claim }) => field === 'role' && claim.operator === operator.slug && claim.role === operator.role).map(({ claim }) => claim);
        const since = claims.find(({ date }) => date)?.date;
        return (
          <li key={operator.slug + operator.role}>
            <Link href={hrefOf('/', changed(params, { operator: operator.slug }), ['operator'])}>{operator.name}</Link> <span class="quiet">{t.roles[operator.role] ?? spelled(operator.role)}{since && ` ${tell(since, lang)}`}</span>
            <Sources evidence={claims.flatMap(({ evidence }) => evidence)} params={params} />
            {(operator.role === 'operator' || operator.role === 'owner') && <Shareholders of={operator} params={params} />}
          </li>
        );
      })}
    </ul>
  );
}
