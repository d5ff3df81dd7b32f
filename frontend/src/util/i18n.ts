import i18next from 'i18next';
import en from '../locales/en.json';

/**
 * Texts are written in English in place: t('Start {{name}}', {name}). The English sentence is the key of the translation.
 * locales/en.json holds only what English itself needs: plural forms of texts with {{count}}.
 */
void i18next.init({
  lng: 'en',
  fallbackLng: 'en',
  resources: { en: { translation: en } },
  keySeparator: false,
  nsSeparator: false,
  initAsync: false,
  showSupportNotice: false,
  // React escapes what it shows.
  interpolation: { escapeValue: false },
});

export function t(text: string, values: Record<string, string | number> = {}): string {
  return i18next.t(text, values);
}
