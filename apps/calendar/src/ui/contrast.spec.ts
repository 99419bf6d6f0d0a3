/** The colours of both themes against WCAG AA, read from where the page has them. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const css = readFileSync(join(__dirname, 'tokens.css'), 'utf8');
const colours = new Map(
  [...css.matchAll(/--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name = '', light = '', dark = '']) => [name, { light, dark }],
  ),
);

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const surfaces = ['bg', 'surface', 'surface-2', 'accent-soft'];
const text = ['ink', 'muted', 'accent', 'plenty', 'low', 'out', 'held'].flatMap((name) =>
  surfaces.map((on) => [name, on] as const),
);
const others = [
  ['accent-ink', 'accent'],
  ['out', 'out-soft'],
  ['low', 'low-soft'],
  ['ink', 'out-soft'],
  ['muted', 'out-soft'],
] as const;
const shapes = ['line-strong', 'focus', 'plenty', 'sold-fill'].map((name) => [name, 'surface'] as const);

function of(name: string, theme: 'light' | 'dark'): string {
  const colour = colours.get(name);
  if (!colour) throw new Error(`there is no colour ${name}`);
  return colour[theme];
}

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  it.each([...text, ...others])('%s can be read on %s', (name, on) => {
    expect(contrast(of(name, theme), of(on, theme))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(shapes)('%s can be made out on %s', (name, on) => {
    expect(contrast(of(name, theme), of(on, theme))).toBeGreaterThanOrEqual(3);
  });
});
