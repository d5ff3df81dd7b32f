import { t } from './i18n';

const nouns = (): Record<string, string> => ({
  domain: t('Machine'),
  'deleted-domain': t('Deleted machine'),
  twin: t('Second definition'),
  device: t('Device'),
  setting: t('Settings'),
  snapshot: t('Snapshot'),
  definition: t('Definition'),
  template: t('Template'),
  migration: t('Migration'),
  import: t('Import'),
  console: t('Console'),
  host: t('Host'),
  pool: t('Pool'),
  volume: t('Volume'),
  network: t('Network'),
  nwfilter: t('Network filter'),
  job: t('Job'),
  'ssh-key': t('SSH key'),
  token: t('API token'),
  preset: t('Preset'),
  audit: t('History'),
});

const wholes = (): Record<string, string> => ({ login: t('Log in'), logout: t('Log out'), session: t('Session ended') });

/** "Machine: migrate": what the service calls `domain migrate`. */
export function actWords(act: string): string {
  const [noun = '', ...verb] = act.split(' ');
  return wholes()[act] ?? [nouns()[noun] ?? noun, verb.join(' ')].filter(Boolean).join(': ');
}
