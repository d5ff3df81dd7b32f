import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';
import { queries } from '../../../api/queries';
import type { Device, Domain, DomainVolume } from '../../../api/types';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { ReasonButton } from '../../../components/DisabledReason';
import { t } from '../../../util/i18n';
import type { TabProps } from '../MachinePage';
import { SettingRow } from '../settings/SettingRow';
import { useSettings } from '../settings/useSettings';
import { useLooseCables } from '../useLooseCables';
import { DeviceRow } from './DeviceRow';
import { groupOf, groupTitle, type GroupId } from './facts';
import { formFor, useKinds } from './forms';
import type { AnyForm } from './forms/form';
import { HardwareDialog } from './HardwareDialog';
import { HardwareGroup } from './HardwareGroup';
import { KindList } from './KindList';
import { MoveDisk } from './MoveDisk';
import { RemoveDialog } from './RemoveDialog';
import { valueOf } from './values';

const GROUPS: GroupId[] = ['disks', 'network', 'screen', 'other'];

type Open = { form: AnyForm; device: Device | null } | { remove: Device } | { move: Device } | null;

/** Everything the machine is made of, by group; each with what it is, what waits, and what can be done. */
export default function HardwareTab({ domain }: TabProps) {
  const [open, setOpen] = useState<Open>(null);
  const [search, setSearch] = useSearchParams();
  const volumes = useVolumes(domain);
  const edit = domain.actions['edit'] ?? null;
  const add = domain.actions['add-device'] ?? null;
  // ?add=disk opens the form of that kind: links and the palette use it. Empty, it opens the list of kinds.
  const asked = add ? null : search.get('add');
  const known = useKinds(domain);
  const settings = useSettings(domain);
  const loose = useLooseCables(domain);
  const adding = known.kinds.find(({ view }) => view.adds && !view.reason && view.id === asked)?.form;
  const ask = (kind: string | null) => setSearch(kind === null ? {} : { add: kind }, { replace: true });
  return (
    <div className="qd-stack">
      <div>
        <ReasonButton variant="secondary" reason={add} onClick={() => ask('')}>
          {t('Add hardware')}
        </ReasonButton>
      </div>
      <HardwareGroup title={t('Processors and memory')}>
        {settings.problem ? (
          <li>
            <ProblemAlert problem={settings.problem} />
          </li>
        ) : null}
        {settings.loading ? <li className="qd-dim">{t('Reading …')}</li> : null}
        {settings.sections
          .filter(({ form }) => form.id === 'cpu' || form.id === 'memory')
          .map((section) => (
            <SettingRow key={section.form.id} domain={domain} section={section} onEdit={() => setOpen({ form: section.form, device: null })} />
          ))}
      </HardwareGroup>
      {GROUPS.map((group) => {
        const devices = domain.devices.filter((device) => groupOf(device.type) === group);
        return (
          <HardwareGroup key={group} title={groupTitle(group)} folded={group === 'other'} count={devices.length}>
            {devices.map((device) => (
              <DeviceRow
                key={device.id}
                domain={domain}
                device={device}
                volume={volumes?.find((volume) => `disk-${volume.target}` === device.id)}
                loose={loose.find((cable) => cable.device.id === device.id)}
                reason={edit}
                form={formFor(known.kinds, valueOf(device))}
                onEdit={(form) => setOpen({ form, device })}
                onRemove={() => setOpen({ remove: device })}
                onMove={() => setOpen({ move: device })}
              />
            ))}
          </HardwareGroup>
        );
      })}
      {asked !== null && !adding ? <KindList domain={domain} known={known} onKind={ask} onClose={() => ask(null)} /> : null}
      {adding ? <HardwareDialog key={adding.id} domain={domain} form={adding} device={null} onBack={() => ask('')} onClose={() => ask(null)} /> : null}
      {open && 'form' in open ? <HardwareDialog domain={domain} form={open.form} device={open.device} onClose={() => setOpen(null)} /> : null}
      {open && 'move' in open ? (
        <MoveDisk domain={domain} device={open.move} onClose={() => setOpen(null)} />
      ) : null}
      {open && 'remove' in open ? <RemoveDialog domain={domain} device={open.remove} onClose={() => setOpen(null)} /> : null}
    </div>
  );
}

/** Where its disks lie and how large they are; read anew when the definition changes. */
function useVolumes({ host, uuid, etag }: Domain): DomainVolume[] | undefined {
  const cache = useQueryClient();
  const seen = useRef(etag);
  useEffect(() => {
    if (seen.current !== etag) void cache.invalidateQueries({ queryKey: ['domain-volumes', host, uuid] });
    seen.current = etag;
  }, [cache, host, uuid, etag]);
  return useQuery(queries.domainVolumes(host, uuid)).data;
}
