import { Stored } from '../lib/stored';

export type Theme = 'auto' | 'light' | 'dark';
export const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

/** `theme-first.js` reads it before the first paint. */
export const chosenTheme = new Stored<Theme>('theme', 'auto', (text) => THEMES.includes(text as Theme));

export function chooseTheme(theme: Theme): void {
  chosenTheme.set(theme);
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
