export type Theme = 'system' | 'light' | 'dark';

declare global {
  interface Window {
    /** From public/theme.js, which has to run before the bundle is there. */
    quarterdeckApplyTheme?: () => void;
  }
}

export function currentTheme(): Theme {
  const choice = localStorage.getItem('theme');
  return choice === 'light' || choice === 'dark' ? choice : 'system';
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem('theme');
  else localStorage.setItem('theme', theme);
  window.quarterdeckApplyTheme?.();
}
