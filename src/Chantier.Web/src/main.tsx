import { render } from 'preact';
import { lazy } from './lazy';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Link, hrefOf, refine, usePlace, type Place } from './address';
import { beginning, useAnswer, type Page } from './api';
import { Failure, Heading, Loading } from './parts';
import { Sites } from './sites';
import { Terms } from './terms';
import { TimeSlider } from './time';
import type { Term } from './views';
import { Language, languages, preferLanguage, preferredLanguage, useWords, type Lang } from './words';
import './style.css';

const Dashboard = lazy(() => import('./dashboard'));
const FactoryPage = lazy(() => import('./factory'));
const SourcePage = lazy(() => import('./source'));

function Nowhere({ place }: { place: Place }) {
  const { t } = useWords();
  useEffect(() => {
    document.title = `${t.nothingHere} – Chantier`;
  }, [t]);
  return <main id="content" class="narrow"><Heading>{t.nothingHere}</Heading><p><Link href={hrefOf('/', place.params)}>{t.toSites}</Link></p></main>;
}

function View({ place }: { place: Place }) {
  switch (place.view) {
    case 'sites': return <Sites params={place.params} />;
    case 'factory': return <FactoryPage key={place.slug} slug={place.slug} params={place.params} />;
    case 'source': return <SourcePage key={place.slug} slug={place.slug} params={place.params} />;
    case 'dashboard': return <Dashboard params={place.params} />;
    default: return <Nowhere place={place} />;
  }
}

function Header({ place, lang }: { place: Place; lang: Lang }) {
  const { t } = useWords();
  const choose = (to: Lang) => {
    preferLanguage(to);
    refine({ lang: to });
  };
  return (
    <header class="top">
      <a class="skip" href="#content" onClick={event => {
        event.preventDefault();
        const content = document.getElementById('content');
        content?.setAttribute('tabindex', '-1');
        content?.focus();
      }}>{t.skip}</a>
      <Link class="brand" href={hrefOf('/', place.params)}>
        <img src="/favicon.svg" alt="" width={30} height={30} /><strong>Chantier</strong><span>{t.tagline}</span>
      </Link>
      <nav aria-label={t.views}>
        <Link href={hrefOf('/', place.params, place.view === 'dashboard' ? 'all' : [])} current={place.view === 'sites'}>{t.sites}</Link>
        <Link href={hrefOf('/dashboard', place.params, place.view === 'sites' ? 'all' : [])} current={place.view === 'dashboard'}>{t.dashboard}</Link>
        <a href="/docs/index.html">{t.api}</a>
      </nav>
      <TimeSlider params={place.params} />
      <div class="languages" role="group" aria-label={t.language}>
        {(Object.keys(languages) as Lang[]).map(code => (
          <button key={code} type="button" lang={code} aria-pressed={code === lang} title={languages[code].name} onClick={() => choose(code)}>{code.toUpperCase()}</button>
        ))}
      </div>
    </header>
  );
}

function App() {
  const place = usePlace();
  const asked = place.params.get('lang');
  const lang: Lang = asked === 'fr' || asked === 'en' ? asked : preferredLanguage();
  const terms = useAnswer<Page<Term>>('/v1/statuses?limit=1000');
  const vocabulary = useMemo(() => terms.data?.items ?? [], [terms.data]);
  const [hasBegun, setBegun] = useState(false);
  useEffect(() => {
    beginning.then(() => setBegun(true));
  }, []);
  useEffect(() => {
    document.documentElement.lang = lang;
  }, [lang]);
  return (
    <Language.Provider value={lang}>
      <Terms.Provider value={vocabulary}>
        <Header place={place} lang={lang} />
        {hasBegun && terms.data ? <View place={place} /> : <main id="content" class="narrow">{terms.problem ? <Failure problem={terms.problem} again={terms.again} isWhole /> : <Loading />}</main>}
      </Terms.Provider>
    </Language.Provider>
  );
}

render(<App />, document.getElementById('page')!);
