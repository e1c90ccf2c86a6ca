import { useEffect } from 'preact/hooks';
import { Link, changed, hrefOf } from './address';
import { urlOf, useAnswer } from './api';
import { tell } from './edtf';
import { useEvidence } from './evidence';
import { timeOf } from './filter';
import { Show, Sources } from './parts';
import type { FactoryDetail, Holding, Ownership, Ref } from './views';
import { number, spelled, useWords } from './words';

function Shareholders({ of, params, turn }: { of: Ref; params: URLSearchParams; turn: number }) {
  const { lang, t } = useWords();
  const answer = useAnswer<Ownership>(urlOf(`/v1/operators/${of.slug}/ownership`, timeOf(params), { lang }));
  const [evidenceOf] = useEvidence(answer.data?.direct.flatMap(({ sources }) => sources) ?? []);
  useEffect(() => {
    if (turn > 0) answer.again();
  }, [turn]);
  const range = ({ share, min, max }: Holding) => share !== null ? `${number(lang, share)} %` : min !== null || max !== null ? `${number(lang, min ?? 0)} – ${number(lang, max ?? 100)} %` : t.shareUnknown;
  // Most companies have none that are known, so that nothing stands here until some are.
  if (!answer.problem && !answer.data?.direct.length) return null;
  return (
    <Show answer={answer}>
      {({ direct, unknown }) => direct.length > 0 && (
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
      )}
    </Show>
  );
}

/** The companies that have a part in a site, since when, and who holds those that run or own it. `turn` grows when that may have changed. */
export function Owners({ factory, params, turn }: { factory: FactoryDetail; params: URLSearchParams; turn: number }) {
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
            {(operator.role === 'operator' || operator.role === 'owner') && <Shareholders of={operator} params={params} turn={turn} />}
          </li>
        );
      })}
    </ul>
  );
}
