import { signal } from '@preact/signals';

export const themes = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const storageKey = 'throughline-theme';

/** `auto` follows the system. */
export const theme = signal<Theme>('auto');
/** Grows whenever colours have changed: a canvas must be drawn again. */
export const themeRevision = signal(0);

export function followTheme(): void {
  const stored = readStored();
  setTheme(themes.find((each) => each === stored) ?? 'auto');
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => themeRevision.value++);
}

export function setTheme(next: Theme): void {
  theme.value = next;
  document.documentElement.dataset.theme = next;
  themeRevision.value++;
  try {
    localStorage.setItem(storageKey, next);
  } catch {
    // The browser keeps nothing; the choice lasts as long as the page.
  }
}

function readStored(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}
