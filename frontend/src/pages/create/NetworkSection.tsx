import { FormSelectOption, FormSelectOptionGroup } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/client';
import { FormSelect, TextInput } from '../../components/inputs';
import { t } from '../../util/i18n';
import { modeWord } from '../networks/modes';
import { NetworkStart } from '../networks/NetworkStart';
import type { Nic } from './draft';
import { PointedField } from './PointedField';
import type { SectionProps } from './parts';

const MODELS = ['virtio', 'e1000e', 'e1000', 'rtl8139'];

/** What the machine's network card is joined to; a network that is off can be started here. */
export function NetworkSection({ draft, resolved, set, errors, networks, host }: SectionProps) {
  const { nic } = resolved;
  const network = nic.kind === 'network' ? networks.find((known) => known.name === nic.name) : undefined;
  const choose = (value: string) => {
    const [kind, ...rest] = value.split(':');
    const next: Nic = kind === 'network' ? { kind: 'network', name: rest.join(':') } : kind === 'bridge' ? { kind: 'bridge', name: '' } : { kind: 'none' };
    set({ nic: next });
  };
  const value = nic.kind === 'network' ? `network:${nic.name}` : nic.kind;
  const off = network && !network.active;
  return (
    <div className="qd-form-pair">
      <PointedField
        id="network"
        label={t('Network')}
        pointers={['/nics', '/nics/0/network', '/nics/0/bridge']}
        errors={errors}
        warning={off ? t('{{name}} is off: the machine would not start.', { name: network.name }) : resolved.method === 'pxe' && nic.kind === 'none' ? t('Network boot needs a network.') : null}
      >
        <div className="qd-with-button">
          <div>
            <FormSelect id="network" value={value} onChange={(_, next) => choose(next)}>
              <FormSelectOptionGroup label={t('Virtual networks')}>
                {networks.map((known) => (
                  <FormSelectOption key={known.uuid} value={`network:${known.name}`} label={`${known.name} (${modeWord(known.mode)}${known.active ? '' : `, ${t('off')}`})`} />
                ))}
              </FormSelectOptionGroup>
              <FormSelectOption value="bridge" label={t('A bridge of the host…')} />
              <FormSelectOption value="none" label={t('No network')} />
            </FormSelect>
            {nic.kind === 'bridge' ? <BridgeInput host={host.id} name={nic.name} onChange={(name) => set({ nic: { kind: 'bridge', name } })} /> : null}
          </div>
          {off ? <NetworkStart network={network} reason={null} /> : null}
        </div>
      </PointedField>
      {nic.kind === 'none' ? null : (
        <PointedField id="nic-model" label={t('Card')} pointers={['/nics/0/model']} errors={errors}>
          <FormSelect id="nic-model" value={draft.nicModel ?? ''} onChange={(_, next) => set({ nicModel: next || undefined })}>
            <FormSelectOption value="" label={t('As fits the system')} />
            {MODELS.map((model) => (
              <FormSelectOption key={model} value={model} label={model} />
            ))}
          </FormSelect>
        </PointedField>
      )}
    </div>
  );
}

interface NetDevice {
  name: string;
  title: string;
}

/** The name of a bridge; the host's interfaces are offered while typing. */
export function BridgeInput({ host, name, onChange }: { host: string; name: string; onChange: (name: string) => void }) {
  const { data = [] } = useQuery({
    queryKey: ['nodedevs', host, 'net'],
    queryFn: ({ signal }) => call<NetDevice[]>('GET', '/hosts/{host}/nodedevs', { path: { host }, query: { capability: 'net' }, signal }),
  });
  const names = data.map((device) => device.title).filter((title) => title !== 'lo' && !/^(vnet|tap|veth)/.test(title));
  return (
    <>
      <TextInput id="bridge" className="qd-under" aria-label={t('Name of the bridge')} placeholder="br0" list="bridges" value={name} onChange={(_, next) => onChange(next)} />
      <datalist id="bridges">
        {names.map((title) => (
          <option key={title} value={title} aria-label={title} />
        ))}
      </datalist>
    </>
  );
}
