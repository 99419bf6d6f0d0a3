/** Light or dark: as the device says, unless the reader chose. */

import { useState } from 'react';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEPT_AS = 'holdfast-theme';

function kept(): Theme {
  const value = window.localStorage.getItem(KEPT_AS);
  return THEMES.find((theme) => theme === value) ?? 'auto';
}

function show(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

/** Before the first paint. */
export function showKeptTheme(): void {
  show(kept());
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(kept);
  return [
    theme,
    (chosen) => {
      window.localStorage.setItem(KEPT_AS, chosen);
      show(chosen);
      setTheme(chosen);
    },
  ];
}
