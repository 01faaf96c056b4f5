const key = 'throughline-theme';

/** Shows the page as the reader chose, otherwise as the system is set. */
export function followTheme(): void {
  const chosen = stored();
  if (chosen !== null) document.documentElement.dataset.theme = chosen;
}

export function toggleTheme(): void {
  const isDark = (document.documentElement.dataset.theme ?? systemTheme()) === 'dark';
  const theme = isDark ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(key, theme);
  } catch {
    // Storage can be switched off. The choice then holds for this page.
  }
}

function systemTheme(): string {
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

function stored(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
