import { useEffect, useState } from 'preact/hooks';
import { Link, hrefOf, refine } from './address';
import { ask, urlOf, useAnswer, useChanges, type Page } from './api';
import { tell } from './edtf';
import { Filter, SearchBox, filterOf, timeOf } from './filter';
import { FactoryMap } from './map';
import { Failure, Heading, Show, quantity } from './parts';
import { StatusBadge } from './terms';
import type { Factory } from './views';
import { countryName, useWords } from './words';

function Card({ factory, params }: { factory: Factory; params: URLSearchParams }) {
  const { lang, t } = useWords();
  const place = [factory.locality, countryName(lang, factory.country)].filter(Boolean).join(', ');
  const companies = factory.operators.filter(operator => operator.role === 'operator' || operator.role === 'owner').map(operator => operator.name).join(', ');
  return (
    <li>
      <Link class="card" href={hrefOf(`/factories/${factory.slug}`, params)}>
        <strong>{factory.name}</strong>
        <span class="quiet">{[companies, place].filter(Boolean).join(' · ')}</span>
        <span class="facts">
          <StatusBadge status={factory.status} basis={factory.statusBasis} isPast={params.has('asOf')} />
          {factory.statusSince && <span>{factory.statusDateMeaning === 'observed' ? t.seen : t.since} {tell(factory.statusSince, lang)}</span>}
          {factory.capacity && <span>{quantity(lang, t, factory.capacity)}</span>}
        </span>
      </Link>
    </li>
  );
}

interface More { of: string; items: Factory[]; next: string | null; problem?: Error }

const orders = ['name', '-statusSince', '-lastConfirmedOn'] as const;

// What was shown more of stays, for who comes back to the same list.
let last: More = { of: '', items: [], next: null };

/** All sites: the filter, the list and the map, each of the same sites. */
export function Sites({ params }: { params: URLSearchParams }) {
  const { lang, t } = useWords();
  const sort = params.get('sort') ?? 'name';
  const [turn, setTurn] = useState(0);
  const url = urlOf('/v1/factories', { limit: 40, count: 'exact', sort, lang }, filterOf(params), timeOf(params));
  const list = useAnswer<Page<Factory>>(url);
  const [more, setMore] = useState(last);
  last = more;
  const rest = more.of === url ? more : null;
  const isPresent = !params.has('asOf');

  useEffect(() => {
    document.title = `${t.sites} – Chantier`;
  }, [lang]);
  useChanges(isPresent ? urlOf('/v1/changes/stream', filterOf(params)) : null, () => {
    list.again();
    setTurn(last => last + 1);
  });

  const showMore = async (cursor: string) => {
    try {
      const page = await ask<Page<Factory>>(urlOf('/v1/factories', { cursor }));
      setMore({ of: url, items: [...rest?.items ?? [], ...page.items], next: page.page.next });
    } catch (problem) {
      setMore({ of: url, items: rest?.items ?? [], next: cursor, problem: problem as Error });
    }
  };

  const next = rest ? rest.next : list.data?.page.next ?? null;
  const labels = { 'name': t.byName, '-statusSince': t.byMove, '-lastConfirmedOn': t.byConfirmed };
  return (
    <main id="content" class="sites">
      <div class="panel">
        <Heading class="visually-hidden">{t.sites}</Heading>
        <SearchBox params={params} />
        <Filter params={params} turn={turn} />
        <div class="found">
          <p role="status">{list.data?.page.count !== undefined && t.sitesFound(list.data.page.count)}</p>
          <label>
            <span>{t.sort}</span>
            <select value={sort} onChange={event => refine({ sort: event.currentTarget.value === 'name' ? null : event.currentTarget.value })}>
              {orders.map(order => <option key={order} value={order}>{labels[order]}</option>)}
            </select>
          </label>
        </div>
        <Show answer={list}>
          {({ items }) => items.length === 0 ? <p class="empty">{isPresent ? t.noSites : t.noSitesOn}</p>
            : <ul class="cards">{[...items, ...rest?.items ?? []].map(factory => <Card key={factory.slug} factory={factory} params={params} />)}</ul>}
        </Show>
        {rest?.problem && <Failure problem={rest.problem} />}
        {next && !list.problem && <button type="button" class="more" onClick={() => showMore(next)}>{t.more}</button>}
      </div>
      <FactoryMap key={lang} params={params} turn={turn} />
    </main>
  );
}
