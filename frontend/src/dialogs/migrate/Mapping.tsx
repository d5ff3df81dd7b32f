import { Button, FormGroup, FormSelectOption } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { problemOf } from '../../api/client';
import { readMovingXml, type DiskWish, type NetworkWish } from '../../api/migration';
import { queries } from '../../api/queries';
import { storageQueries } from '../../api/storage';
import { isUnder } from '../../api/problem';
import type { Device, DomainSummary, FieldError, Problem } from '../../api/types';
import { FormSelect, TextArea } from '../../components/inputs';
import { ProblemAlert } from '../../components/ProblemAlert';
import { t } from '../../util/i18n';
import { Wrong } from '../snapshot/Wrong';
import { OptionGroup } from './OptionField';
import { takesDisksOff, type Wish } from './wish';

interface Props {
  domain: DomainSummary;
  wish: Wish;
  set: (change: Partial<Wish>) => void;
}

const DONE = 'shared';
/** The value of the bridge that the check proposed: no network has such a name. */
const BRIDGE = '/bridge';

/** Disk by disk: left where both hosts see it, or copied, and into which pool. */
export function Disks({ domain, wish, set, errors }: Props & { errors: FieldError[] }) {
  const devices = useDevices(domain);
  const pools = useQuery({ ...storageQueries.pools(wish.destination), enabled: wish.destination !== '' }).data ?? [];
  const targets = devices.flatMap(({ saved, running }) => {
    const disk = running ?? saved;
    return disk?.type === 'disk' && disk['device'] !== 'cdrom' && disk['device'] !== 'floppy' ? [disk['target'] as string] : [];
  });
  if (targets.length === 0 || (wish.storage ?? 'shared') === 'shared') return null;
  const wishes = wish.disks ?? [];
  const choose = (target: string, choice: string) => {
    const others = wishes.filter((each) => each.target !== target);
    const own: DiskWish[] = choice === '' ? [] : [choice === DONE ? { target, storage: 'shared', pool: null } : { target, storage: 'copy', pool: choice.slice(1) }];
    set({ disks: [...others, ...own] });
  };
  return (
    <OptionGroup title={t('Disk by disk')}>
      <div className="qd-form-pair">
        {targets.map((target) => {
          const own = wishes.find((each) => each.target === target);
          const at = `/disks/${own ? wishes.indexOf(own) : ''}`;
          return (
            <FormGroup key={target} label={target} fieldId={`migrate-disk-${target}`}>
              <FormSelect id={`migrate-disk-${target}`} value={own ? (own.storage === 'shared' ? DONE : `/${own.pool ?? ''}`) : ''} onChange={(_, choice) => choose(target, choice)}>
                <FormSelectOption value="" label={t('As all of them')} />
                <FormSelectOption value={DONE} label={t('Shared: both hosts see it')} />
                {pools
                  .filter((pool) => pool.active)
                  .map((pool) => (
                    <FormSelectOption key={pool.uuid} value={`/${pool.name}`} label={t('Copy into pool {{pool}}', { pool: pool.name })} />
                  ))}
              </FormSelect>
              <Wrong text={errors.find(({ pointer }) => isUnder([pointer], [at]))?.detail} />
            </FormGroup>
          );
        })}
      </div>
    </OptionGroup>
  );
}

/** Network by network: the one of the same name there, or another. */
export function Networks({ domain, wish, set }: Props) {
  const devices = useDevices(domain);
  const there = useQuery({ ...storageQueries.networks(wish.destination), enabled: wish.destination !== '' }).data ?? [];
  const sources = [...new Set(devices.flatMap(({ saved, running }) => sourceOf((running ?? saved)?.['source'])))];
  if (sources.length === 0 || (wish.mode === 'offline' && !takesDisksOff(wish))) return null;
  const wishes = wish.networks ?? [];
  const choose = (source: string, network: string) => {
    const others = wishes.filter((each) => each.source !== source);
    const own: NetworkWish[] = network ? [{ source, network, bridge: null }] : [];
    set({ networks: [...others, ...own] });
  };
  return (
    <OptionGroup title={t('Networks')}>
      <div className="qd-form-pair">
        {sources.map((source) => {
          const own = wishes.find((each) => each.source === source);
          return (
            <FormGroup key={source} label={t('{{network}} becomes', { network: source })} fieldId={`migrate-network-${source}`}>
              <FormSelect id={`migrate-network-${source}`} value={own?.bridge ? BRIDGE : (own?.network ?? '')} onChange={(_, network) => choose(source, network)}>
                <FormSelectOption value="" label={t('The one of the same name')} />
                {own?.bridge ? <FormSelectOption value={BRIDGE} label={t('The bridge {{name}}', { name: own.bridge })} /> : null}
                {there.map((network) => (
                  <FormSelectOption key={network.uuid} value={network.name} label={network.active ? network.name : t('{{name}} (off)', { name: network.name })} />
                ))}
              </FormSelect>
            </FormGroup>
          );
        })}
      </div>
    </OptionGroup>
  );
}

function sourceOf(source: unknown): string[] {
  const found = source as { network?: string | null; bridge?: string | null } | undefined;
  const name = found?.network ?? found?.bridge;
  return name ? [name] : [];
}

function useDevices(domain: DomainSummary): Device[] {
  return useQuery(queries.domain(domain.host, domain.uuid)).data?.devices ?? [];
}

/** The definition as it goes over, to be changed by hand; libvirt refuses what the running machine would notice. */
export function Definition({ domain, wish, set, error }: Props & { error: string | undefined }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  if (wish.mode === 'offline' && !takesDisksOff(wish)) return null;
  const begin = () => {
    readMovingXml(domain).then(
      ({ xml }) => set({ xml }),
      (failure: unknown) => setProblem(problemOf(failure)),
    );
  };
  return (
    <OptionGroup title={t('Definition at the destination')}>
      {problem ? <ProblemAlert problem={problem} /> : null}
      {wish.xml == null ? (
        <Button variant="link" isInline onClick={begin}>
          {t('Change it by hand')}
        </Button>
      ) : (
        <>
          <TextArea aria-label={t('Definition at the destination')} className="qd-moving-xml" rows={12} resizeOrientation="vertical" spellCheck={false} value={wish.xml} {...(error ? { validated: 'error', 'aria-describedby': 'migrate-xml-wrong' } : {})} onChange={(_, xml) => set({ xml })} />
          <div id="migrate-xml-wrong">
            <Wrong text={error} />
          </div>
          <Button variant="link" isInline onClick={() => set({ xml: null })}>
            {t('Leave it as it is')}
          </Button>
        </>
      )}
    </OptionGroup>
  );
}
