import type { components } from '../../api/schema';
import { t } from '../../util/i18n';
import type { Method, Resolved } from './draft';

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

/** Whether the system is on the disk already, so that the answers are for its first start. */
export const isPrepared = (method: Method) => method === 'import' || method === 'cloud_image';

/** Whether it is made from an image of Windows, which may take answers instead of settings of cloud-init. */
export const isWindowsImage = ({ method, system }: Pick<Resolved, 'method' | 'system'>) => method === 'cloud_image' && system?.family === 'winnt';

/** Why nobody can be given answers; null where somebody can. */
export function unasked({ method, system }: Pick<Resolved, 'method' | 'system'>): string | null {
  if (isPrepared(method) && system?.family !== 'winnt') return t('Only a Windows that sysprep has generalized reads them: pick it as the guest system.');
  return system ? null : t('Pick the guest system first: each asks differently.');
}

/** What is still missing of them; null when nothing is. */
export function unanswered({ own, answer_file, user, password }: Answers): string | null {
  if (own) return answer_file.trim() === '' ? t('Put in what the installer is to read.') : null;
  if (user.trim() === '') return t('Give the first user a name.');
  return password === '' ? t('Give the first user a password.') : null;
}

/** What the server is asked; only Windows has editions and product keys, and a disk has its edition already. */
export function unattended(answers: Answers, windows: boolean, prepared = false): Partial<components['schemas']['Unattended']> {
  const { own, answer_file, edition, product_key, locale, timezone, ...rest } = answers;
  const asked = own ? { answer_file } : { ...rest, ...(windows ? { edition: prepared ? '' : edition, product_key } : {}) };
  const given = Object.entries(asked).filter(([, value]) => value !== '');
  return { locale, timezone, ...Object.fromEntries(given) };
}
