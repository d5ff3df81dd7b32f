import { t } from '../../util/i18n';

export interface ModeWords {
  mode: string;
  title: string;
  about: string;
}

/** The kinds of networks, the usual ones first, and what each means for a machine on it. */
export function modes(): ModeWords[] {
  return [
    { mode: 'nat', title: t('NAT'), about: t('Machines reach the outside by the host’s address; nobody outside reaches them. To let somebody in, put the machine on a bridge; port forwards need a card that is on no network (user, with passt).') },
    { mode: 'isolated', title: t('Isolated'), about: t('Machines reach each other and the host, and nothing else.') },
    { mode: 'route', title: t('Routed'), about: t('Machines have addresses of their own; the routers outside must know the way by this host.') },
    { mode: 'open', title: t('Open'), about: t('Routed, and libvirt adds no firewall rules: what may pass is up to you.') },
    { mode: 'bridge', title: t('Bridge of the host'), about: t('Machines are on the host’s own network, by a bridge that it has, or by macvtap on its interfaces.') },
    { mode: 'private', title: t('macvtap, private'), about: t('Machines are on the host’s network and do not see each other.') },
    { mode: 'vepa', title: t('macvtap, VEPA'), about: t('The switch outside passes traffic between machines; it must support VEPA.') },
    { mode: 'passthrough', title: t('macvtap, passthrough'), about: t('One machine has an interface of the host for itself.') },
    { mode: 'hostdev', title: t('SR-IOV pool'), about: t('Each machine gets a virtual function of a network card; it must be a card with SR-IOV.') },
  ];
}

/** A kind in a word, as lists show it. */
export function modeWord(mode: string): string {
  const known = mode === 'routed' ? 'route' : mode;
  return modes().find((each) => each.mode === known)?.title ?? mode;
}
