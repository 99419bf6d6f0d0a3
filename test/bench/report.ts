/** What the repetitions come to: one object for programs, tables for people. */

import type { Measured } from './parts.js';
import { spreadOf, type Spread } from './statistics.js';

/** By part, its repetitions in order. */
export type Results = Map<string, Measured[]>;

/** A figure in the report's object, and where it comes from. */
interface Figure {
  path: string;
  part: string;
  figure: string;
}

const FIGURES: Figure[] = [
  { path: 'ordersPerSecond.idiomatic.uniform', part: 'idiomatic.uniform', figure: 'perSecond' },
  { path: 'ordersPerSecond.idiomatic.hot', part: 'idiomatic.hot', figure: 'perSecond' },
  { path: 'ordersPerSecond.bareWrites.perKey', part: 'bare.perKey', figure: 'perSecond' },
  { path: 'ordersPerSecond.bareWrites.grouped', part: 'bare.grouped', figure: 'perSecond' },
  { path: 'ordersPerSecond.holdfast.uniform', part: 'holdfast.uniform', figure: 'perSecond' },
  { path: 'ordersPerSecond.holdfast.zipf', part: 'holdfast.zipf', figure: 'perSecond' },
  { path: 'ordersPerSecond.holdfast.hot', part: 'holdfast.hot', figure: 'perSecond' },
  { path: 'ordersPerSecond.holdfast.hotRandomKeys', part: 'holdfast.hotRandomKeys', figure: 'perSecond' },
  { path: 'ordersPerSecond.holdfast.mixedEvents', part: 'holdfast.mixed', figure: 'perSecond' },
  { path: 'latencyMs.p50', part: 'latency', figure: 'p50' },
  { path: 'latencyMs.p99', part: 'latency', figure: 'p99' },
  { path: 'availabilityMs.p50', part: 'availability', figure: 'p50' },
  { path: 'availabilityMs.p99', part: 'availability', figure: 'p99' },
  { path: 'expiry.perSecond', part: 'expiry', figure: 'perSecond' },
  { path: 'expiry.latenessP99Ms', part: 'expiry', figure: 'latenessP99Ms' },
];

interface Target {
  name: string;
  path: string;
  /** what it is divided by; none = the figure itself */
  over?: string;
  least?: number;
  most?: number;
}

const TARGETS: Target[] = [
  { name: 'uniform / idiomatic', path: 'holdfast.uniform', over: 'idiomatic.uniform', least: 40 },
  { name: 'uniform / bare per key', path: 'holdfast.uniform', over: 'bareWrites.perKey', least: 1.3 },
  { name: 'hot / idiomatic hot', path: 'holdfast.hot', over: 'idiomatic.hot', least: 120 },
  { name: 'hot at random keys / hot', path: 'holdfast.hotRandomKeys', over: 'holdfast.hot', least: 0.7 },
  {
    name: 'mixed events / bare per key',
    path: 'holdfast.mixedEvents',
    over: 'bareWrites.perKey',
    least: 1.41,
  },
  { name: 'latency p99, ms', path: 'latencyMs.p99', most: 150 },
  { name: 'availability p99, ms', path: 'availabilityMs.p99', most: 25 },
  { name: 'expiry, holds/s', path: 'expiry.perSecond', least: 8_000 },
];

export interface Ratio {
  name: string;
  value: number;
  /** over the rounds, each figure with its neighbour in time */
  min: number;
  max: number;
  target: string;
  reached: boolean;
}

export interface Report {
  ordersPerSecond: object;
  latencyMs: object;
  availabilityMs: object;
  expiry: object;
  /** least and most of the repetitions, in the same shape */
  spread: object;
  ratios: Ratio[];
  conditions: object;
}

export function reportOf(results: Results, conditions: object): Report {
  const spreads = spreadsOf(results);
  const medians = {};
  const ranges = {};
  for (const { path } of FIGURES) {
    const spread = spreads.get(path);
    setPath(medians, path, spread ? rounded(spread.median) : null);
    setPath(ranges, path, spread ? [rounded(spread.min), rounded(spread.max)] : null);
  }
  const { ordersPerSecond, latencyMs, availabilityMs, expiry } = medians as Report;
  return {
    ordersPerSecond,
    latencyMs,
    availabilityMs,
    expiry,
    spread: ranges,
    ratios: ratiosOf(spreads),
    conditions,
  };
}

/** The idiomatic worker counts with the better of its two settings. */
function spreadsOf(results: Results): Map<string, Spread> {
  const spreads = new Map<string, Spread>();
  for (const { path, part, figure } of FIGURES) {
    const candidates = [part, `${part}1`, `${part}6`].flatMap((name) => (results.get(name) ? [name] : []));
    for (const name of candidates) {
      const spread = spreadOf(
        (results.get(name) as Measured[]).map(({ figures }) => figures[figure] ?? Number.NaN),
      );
      const best = spreads.get(path);
      if (best === undefined || spread.median > best.median) spreads.set(path, spread);
    }
  }
  return spreads;
}

function ratiosOf(spreads: Map<string, Spread>): Ratio[] {
  const at = (path: string) => spreads.get(path) ?? spreads.get(`ordersPerSecond.${path}`);
  return TARGETS.flatMap(({ name, path, over, least, most }) => {
    const figure = at(path);
    const base = over === undefined ? undefined : at(over);
    if (figure === undefined || (over !== undefined && base === undefined)) return [];
    const value = base ? figure.median / base.median : figure.median;
    const pairs = figure.values.flatMap((one, round) => {
      const other = base ? base.values[round] : 1;
      return other === undefined ? [] : [one / other];
    });
    const reached = (least === undefined || value >= least) && (most === undefined || value <= most);
    const target = least === undefined ? `≤ ${most}` : `≥ ${least}`;
    return [
      {
        name,
        value: rounded(value),
        min: rounded(Math.min(...pairs)),
        max: rounded(Math.max(...pairs)),
        target,
        reached,
      },
    ];
  });
}

function setPath(object: Record<string, unknown>, path: string, value: unknown): void {
  const names = path.split('.');
  const last = names.pop() as string;
  let at = object;
  for (const name of names) at = (at[name] ??= {}) as Record<string, unknown>;
  at[last] = value;
}

function rounded(value: number): number {
  if (Math.abs(value) >= 100) return Math.round(value);
  return Number(value.toPrecision(3));
}

/** For people: every figure with its spread, then the ratios against their targets. */
export function tables(results: Results, report: Report): string {
  const lines = [row('part', 'figure', 'median', 'least – most', 'rounds')];
  for (const [part, measured] of results) {
    for (const figure of Object.keys(measured[0]?.figures ?? {})) {
      const { median, min, max, values } = spreadOf(
        measured.map(({ figures }) => figures[figure] ?? Number.NaN),
      );
      lines.push(row(part, figure, text(median), `${text(min)} – ${text(max)}`, String(values.length)));
    }
  }
  lines.push('', row('ratio', '', 'value', 'least – most', 'target'));
  for (const { name, value, min, max, target, reached } of report.ratios) {
    lines.push(
      row(name, '', text(value), `${text(min)} – ${text(max)}`, `${target} ${reached ? '✓' : '✗ missed'}`),
    );
  }
  return lines.join('\n');
}

function row(part: string, figure: string, median: string, range: string, last: string): string {
  return `${part.padEnd(30)}${figure.padEnd(24)}${median.padStart(9)}${range.padStart(20)}   ${last}`;
}

function text(value: number): string {
  return rounded(value).toLocaleString('en-US');
}
