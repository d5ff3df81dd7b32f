import type { components } from '../../api/schema';

/** What an installer would ask, as the form holds it: empty where nothing is given. */
export interface Answers {
  user: string;
  password: string;
  full_name: string;
  hostname: string;
  locale: string;
  timezone: string;
  edition: string;
  product_key: string;
  answer_file: string;
  /** One's own file instead of the made one. */
  own: boolean;
}

/** Language and time zone are those of the browser. */
export function noAnswers(): Answers {
  const { locale, timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return {
    user: '',
    password: '',
    full_name: '',
    hostname: '',
    locale: /^[a-z]{2,3}-[A-Z]{2}$/.test(locale) ? locale : 'en-US',
    timezone: timeZone,
    edition: '',
    product_key: '',
    answer_file: '',
    own: false,
  };
}

/** What the server is asked; only Windows has editions and product keys. */
export function unattended(answers: Answers, windows: boolean): Partial<components['schemas']['Unattended']> {
  const { own, answer_file, edition, product_key, locale, timezone, ...rest } = answers;
  const asked = own ? { answer_file } : { ...rest, ...(windows ? { edition, product_key } : {}) };
  const given = Object.entries(asked).filter(([, value]) => value !== '');
  return { locale, timezone, ...Object.fromEntries(given) };
}
