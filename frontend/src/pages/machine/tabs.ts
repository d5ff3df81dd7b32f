import { t } from '../../util/i18n';

export const TABS = ['overview', 'console', 'hardware', 'settings', 'performance', 'snapshots', 'history', 'xml'] as const;
export type TabId = (typeof TABS)[number];

export function tabTitle(tab: TabId): string {
  const words: Record<TabId, string> = {
    overview: t('Overview'),
    console: t('Console'),
    hardware: t('Hardware'),
    settings: t('Settings'),
    performance: t('Performance'),
    snapshots: t('Snapshots'),
    history: t('History'),
    xml: t('XML'),
  };
  return words[tab];
}
