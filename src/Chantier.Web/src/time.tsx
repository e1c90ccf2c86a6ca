import { useEffect, useRef, useState } from 'preact/hooks';
import { refine } from './address';
import { tell } from './edtf';
import { useWords } from './words';

const first = 2010;

const now = new Date();

const months = (now.getUTCFullYear() - first) * 12 + now.getUTCMonth();

const monthAt = (step: number) => `${first + Math.floor(step / 12)}-${String(step % 12 + 1).padStart(2, '0')}`;

function stepAt(asOf: string | null): number {
  const [, year, month] = /^(\d{4})(?:-(\d{2}))?/.exec(asOf ?? '') ?? [];
  return year ? Math.min(months, Math.max(0, (+year - first) * 12 + (month ? +month - 1 : 11))) : months;
}

/** The date in the world that every view tells of, month by month; its end is today. */
export function TimeSlider({ params }: { params: URLSearchParams }) {
  const { lang, t } = useWords();
  const asOf = params.get('asOf');
  const [step, setStep] = useState(stepAt(asOf));
  const slider = useRef<HTMLInputElement>(null);
  // What the slider itself asked for comes back when it may have moved on already, and must not take that away.
  const asked = useRef(asOf);
  useEffect(() => {
    if (asOf === asked.current) return;
    asked.current = asOf;
    setStep(stepAt(asOf));
  }, [asOf]);
  useEffect(() => {
    if (step === stepAt(asked.current)) return;
    // One asks when the slider rests, not for each month that it passes.
    const timer = setTimeout(() => {
      asked.current = step === months ? null : monthAt(step);
      refine(asked.current ? { asOf: asked.current } : { asOf: null, known: null });
    }, 150);
    return () => clearTimeout(timer);
  }, [step]);
  const isToday = step === months && !asOf;
  const shown = asOf && step === stepAt(asOf) ? tell(asOf, lang) : step === months ? t.today : tell(monthAt(step), lang);
  const back = () => {
    asked.current = null;
    setStep(months);
    refine({ asOf: null, known: null });
    slider.current!.focus();
  };
  return (
    <div class={`time${isToday ? '' : ' past'}`}>
      <label for="as-of">{t.asOf}</label>
      <input ref={slider} id="as-of" type="range" min={0} max={months} value={step} aria-valuetext={shown} onInput={event => setStep(+event.currentTarget.value)} />
      <output for="as-of">{shown}</output>
      {asOf && <label class="known"><input type="checkbox" checked={params.get('known') === 'then'} onChange={event => refine({ known: event.currentTarget.checked ? 'then' : null })} /> {t.asKnownThen}</label>}
      {!isToday && <button type="button" class="plain" aria-label={t.backToToday} title={t.backToToday} onClick={back}>↺</button>}
    </div>
  );
}
