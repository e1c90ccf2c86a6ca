import { useEffect, useRef, useState } from 'preact/hooks';
import { Link, hrefOf, refine } from './address';
import { urlOf, useAnswer, useChanges, type Page, type Params } from './api';
import { tell } from './edtf';
import { Filter, SearchBox, filterOf, timeOf } from './filter';
import { FactoryMap } from './map';
import { Heading, Show, quantity } from './parts';
import { StatusBadge } from './terms';
import type { Factory } from './views';
import { countryName, useWords } from './words';

function Card({ factory, params }: { factory: Factory; params: URLSearchParams }) {
  const { lang, t } = useWords();
  const place = [factory.locality, countryName(lang, factory.country)].filter(Boolean).join(', ');
  const [capacity] = factory.capacity;
  const companies = factory.operators.filter(operator => operator.role === 'operator' || operator.role === 'owner').map(operator => operator.name).join(', ');
  return (
    <li>
      <Link class="card" href={hrefOf(`/factories/${factory.slug}`, params)}>
        <strong>{factory.name}</strong>
        <span class="quiet">{[companies, place].filter(Boolean).join(' · ')}</span>
        <span class="facts">
          <StatusBadge status={factory.status} basis={factory.statusBasis} isPast={params.has('asOf')} />
          {factory.statusSince && <span>{factory.statusDateMeaning === 'observed' ? t.seen : t.since} {tell(factory.statusSince, lang)}</span>}
          {capacity && <span>{quantity(lang, t, capacity)}</span>}
        </span>
      </Link>
    </li>
  );
}

const orders = ['name', '-statusSince', '-lastConfirmedOn'] as const;

// All that is shown is one answer, so that all of it changes when something does; the last is as many as the service gives at once.
const limits = [40, 120, 360, 1000];

// How many were shown stays, for who comes back to the same list.
let last = { of: '', limit: limits[0]! };

/** All sites: the filter, the list and the map, each of the same sites. */
export function Sites({ params }: { params: URLSearchParams }) {
  const { lang, t } = useWords();
  const sort = params.get('sort') ?? 'name';
  const [turn, setTurn] = useState(0);
  const urlWith = (more: Params) => urlOf('/v1/factories', more, { sort, lang }, filterOf(params), timeOf(params));
  const of = urlWith({});
  const [shown, setShown] = useState(last);
  last = shown;
  const limit = shown.of === of ? shown.limit : limits[0]!;
  const list = useAnswer<Page<Factory>>(urlWith({ limit, count: 'exact' }));
  // To make the map takes a slow machine longer than to show the list, which therefore comes first.
  const hasAnswer = useRef(false);
  hasAnswer.current ||= !list.isLoading;
  const isPresent = !params.has('asOf');
  const cards = useRef<HTMLUListElement>(null);
  // Who asked for more goes on with the first of them.
  const goOn = useRef<number | null>(null);
  useEffect(() => {
    const first = goOn.current === null || list.isLoading ? null : cards.current?.children[goOn.current];
    if (!first) return;
    goOn.current = null;
    first.querySelector('a')!.focus();
  }, [list.data]);

  useEffect(() => {
    document.title = `${t.sites} – Chantier`;
  }, [lang]);
  useChanges(isPresent && list.data ? urlOf('/v1/changes/stream', filterOf(params)) : null, () => {
    list.again();
    setTurn(last => last + 1);
  });

  const count = list.data?.page.count;
  const more = list.data?.page.next ? limits.find(one => one > limit) : undefined;
  const showMore = () => {
    goOn.current = list.data!.items.length;
    setShown({ of, limit: more! });
  };
  const labels = { 'name': t.byName, '-statusSince': t.byMove, '-lastConfirmedOn': t.byConfirmed };
  return (
    <main id="content" class="sites">
      <div class="panel">
        <Heading class="visually-hidden">{t.sites}</Heading>
        <SearchBox params={params} />
        <Filter params={params} turn={turn} />
        <div class="found">
          <p role="status">{count !== undefined && t.sitesFound(count)}</p>
          <label>
            <span>{t.sort}</span>
            <select value={sort} onChange={event => refine({ sort: event.currentTarget.value === 'name' ? null : event.currentTarget.value })}>
              {orders.map(order => <option key={order} value={order}>{labels[order]}</option>)}
            </select>
          </label>
        </div>
        <Show answer={list}>
          {({ items }) => items.length === 0 ? <p class="empty">{isPresent ? t.noSites : t.noSitesOn}</p>
            : <ul ref={cards} class="cards">{items.map(factory => <Card key={factory.slug} factory={factory} params={params} />)}</ul>}
        </Show>
        {more && <button type="button" class="more" onClick={showMore}>{t.more}</button>}
        {list.data?.page.next && !more && <p class="empty">{t.firstOf(list.data.items.length, count ?? 0)} <a href={urlWith({ format: 'csv', limit: 'all' })}>CSV</a></p>}
      </div>
      {hasAnswer.current ? <FactoryMap key={lang} params={params} turn={turn} /> : <div class="map" data-ready={false} />}
    </main>
  );
}
