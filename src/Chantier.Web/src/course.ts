import { daysOf, type Span } from './edtf';
import type { StatusEvent } from './views';

/**
 * What an event is to the course of a site: it happened, it was concluded, it is expected, it was expected and put off,
 * it was expected until news said otherwise, it was expected for a day that has passed, it was expected of what has ended since,
 * or it happened and moves no status.
 */
export type Sense = 'actual' | 'inferred' | 'expected' | 'slipped' | 'replaced' | 'overdue' | 'dropped' | 'milestone';

export interface Entry {
  event: StatusEvent;
  sense: Sense;
  days: Span;
  /** When the first of its sources said so, as far as known. */
  said: string | null;
}

/** An entry with an `aside` holds for no time: another of the same day is effective, or it confirms another, at whose start it is shown. */
export interface Stretch extends Entry { from: number; until: number; aside: 'outdone' | 'confirms' | null }

/** One expectation and how it moved: each date that was told, in the order of telling. */
export interface Expectation { status: string; told: Entry[]; happened: Entry | null }

/** Of the milestones some happened, and some are or were expected. */
export interface Course { phaseId: number; phaseName: string | null; stretches: Stretch[]; expectations: Expectation[]; milestones: Entry[] }

const steps = ['rumoured', 'announced', 'planning', 'permitted', 'site_preparation', 'under_construction', 'commissioning', 'operating'];

// What stands farther has come past it, whether anybody told of that or not.
const isPassed = (step: string, by: string | null) => by !== null && steps.includes(step) && steps.indexOf(by) > steps.indexOf(step);

/** What a phase never comes back from; what was expected of it before is off. */
const ends = ['cancelled', 'never_commissioned', 'closed', 'dismantled'];

/** Whether a phase ended before it ever started. */
export const isCalledOff = (status: string | null) => status === 'cancelled' || status === 'never_commissioned';

export const isPast = (date: string, today: number) => daysOf(date)[1] < today;

function saidOf(event: StatusEvent): string | null {
  const dates = (event.evidence ?? []).flatMap(({ published }) => published ? [published] : []);
  return dates.sort((one, other) => daysOf(one)[1] - daysOf(other)[1])[0] ?? null;
}

const saidOn = (entry: Entry) => entry.said ? daysOf(entry.said)[1] : Infinity;

// What was said after something had happened tells of a time to come: another start, after a stop.
const isSaidAfter = (entry: Entry, other: Entry) => entry.said !== null && daysOf(entry.said)[0] > other.days[1];

const confidences = ['low', 'medium', 'high'];

const confidenceOf = ({ event }: Entry) => confidences.indexOf(event.confidence ?? 'low');

// As the service says which event is in force, the one that is comes last: by earliest day; on one day what happened goes before what was
// concluded, then what is surer, then what was recorded later.
const byForce = (one: Entry, other: Entry) => one.days[0] - other.days[0]
  || +(one.sense === 'actual') - +(other.sense === 'actual')
  || confidenceOf(one) - confidenceOf(other)
  || +(one.event.recordedAt > other.event.recordedAt) - +(one.event.recordedAt < other.event.recordedAt)
  || one.event.id - other.event.id;

function entryOf(event: StatusEvent, sense: Sense): Entry[] {
  return event.date ? [{ event, sense, days: daysOf(event.date), said: saidOf(event) }] : [];
}

function expectationOf(code: 'status' | 'milestone', name: string, events: StatusEvent[], real: Entry[], last: Entry | null, today: number): Expectation {
  const end = last && ends.includes(last.event.status!) ? last : null;
  const reached = real.filter(({ event }) => event[code] === name || isPassed(name, event.status));
  const happened = reached.find(({ event }) => event[code] === name && event.dateMeaning === 'began') ?? null;
  const told = events.flatMap(event => entryOf(event, 'expected')).sort((one, other) => saidOn(one) - saidOn(other) || one.event.id - other.event.id);
  told.forEach((entry, i) => {
    // What only became more precise is not put off.
    const isPutOff = told.slice(i + 1).some(later => later.days[0] > entry.days[0] && later.days[1] > entry.days[1]);
    const done = happened && !isSaidAfter(entry, happened) ? happened : null;
    // Of what was only seen, or passed, nobody knows when it began, so that it cannot be late; and nothing is overdue that is so.
    const isSeen = !done && reached.some(seen => seen === last || !isSaidAfter(entry, seen));
    const by = done?.days[0] ?? end?.days[0] ?? today;
    if (isPutOff) entry.sense = 'slipped';
    else if (entry.event.isReplaced) entry.sense = 'replaced';
    else if (entry.days[1] < by) entry.sense = isSeen ? 'expected' : 'overdue';
    else if (!done && end && !isSaidAfter(entry, end)) entry.sense = 'dropped';
  });
  return { status: name, told, happened };
}

/** The courses of the phases of a site up to a day, each from its own events. */
export function coursesOf(events: StatusEvent[], today: number): Course[] {
  // The unnamed phases of merged sites are one.
  const named = new Set(events.filter(event => event.phaseName).map(event => event.phaseId));
  const phases = Map.groupBy([...events].sort((one, other) => one.phaseId - other.phaseId), ({ phaseId }) => named.has(phaseId) ? phaseId : null);
  return [...phases.values()].map(own => {
    const { phaseId } = own[0]!;
    const all = own.filter(event => event.status && event.basis !== 'expected')
      .flatMap(event => entryOf(event, event.basis === 'inferred' ? 'inferred' : 'actual'))
      .filter(entry => entry.days[0] <= today);
    const confirming = all.filter(({ event }) => event.rule === 'confirms');
    const real = all.filter(entry => !confirming.includes(entry)).sort(byForce);
    const begun: Stretch[] = real.map((entry, i) => {
      const [from, until] = [entry.days[0], real[i + 1]?.days[0] ?? today];
      return { ...entry, from, until, aside: i + 1 < real.length && from === until ? 'outdone' : null };
    });
    const confirmed: Stretch[] = confirming.map(entry => {
      const from = real.find(({ event }) => event.id === entry.event.weighedAgainst)?.days[0] ?? entry.days[0];
      return { ...entry, from, until: from, aside: 'confirms' };
    });
    const stretches = [...begun, ...confirmed].sort((one, other) => one.from - other.from);
    const last = real.at(-1) ?? null;
    const reached = own.filter(event => event.milestone && event.basis !== 'expected').flatMap(event => entryOf(event, 'milestone')).filter(entry => entry.days[0] <= today);
    const expected = (code: 'status' | 'milestone', real: Entry[]) => [...Map.groupBy(own.filter(event => event[code] && event.basis === 'expected'), event => event[code]!)]
      .map(([name, events]) => expectationOf(code, name, events, real, last, today));
    const expectations = expected('status', real);
    const milestones = [...reached, ...expected('milestone', reached).flatMap(expectation => expectation.told)].sort((one, other) => one.days[0] - other.days[0]);
    return { phaseId, phaseName: own.find(event => event.phaseName)?.phaseName ?? null, stretches, expectations, milestones };
  });
}
