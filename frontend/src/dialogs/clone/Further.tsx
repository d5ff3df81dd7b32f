import { FormSelectOption } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { fieldError, isUnder } from '../../api/problem';
import { storageQueries } from '../../api/storage';
import type { Device, Domain } from '../../api/types';
import { Field } from '../../components/Field';
import { Folded } from '../../components/Folded';
import { FormSelect, TextInput } from '../../components/inputs';
import { Tick } from '../../components/Tick';
import { t } from '../../util/i18n';
import type { CloneParts } from './CloneForm';
import { FieldNote } from './FieldNote';
import { withEntry } from './wish';

interface Props extends CloneParts {
  domain: Domain;
  tpmReason: string | null;
}

/** Networks, addresses, TPM and host devices: what suits most is chosen already. */
export function Further({ domain, tpmReason, ...parts }: Props) {
  const { wish, problem, set } = parts;
  const cards = domain.devices.filter((device) => device.type === 'interface');
  const lent = domain.devices.some((device) => device.type === 'hostdev');
  const tpm = domain.devices.some((device) => device.type === 'tpm');
  if (cards.length === 0 && !lent && !tpm) return null;
  const wrong = isUnder((problem?.errors ?? []).map(({ pointer }) => pointer), ['/macs', '/networks', '/tpm_state', '/host_devices']);
  return (
    <Folded title={t('Network and devices')} wrong={wrong}>
      {cards.map((card, number) => (
        <Card key={card.id} {...parts} host={domain.host} card={card} number={number} />
      ))}
      <FieldNote error={fieldError(problem, '/macs') ?? fieldError(problem, '/networks')} />
      {tpm ? (
        <Tick
          id="clone-tpm"
          label={t('Copy what its TPM holds')}
          help={t('Needed where the guest keeps keys there; both machines then have the same secrets.')}
          reason={tpmReason}
          checked={wish.tpm_state === 'copy'}
          onChange={(on) => set({ tpm_state: on ? 'copy' : 'new' })}
        />
      ) : null}
      {tpm ? <FieldNote error={fieldError(problem, '/tpm_state')} /> : null}
      {lent ? (
        <Tick
          id="clone-hostdev"
          label={t('Give it the same devices of the host')}
          help={t('Only one of the two machines can then run.')}
          checked={wish.host_devices === 'keep'}
          onChange={(on) => set({ host_devices: on ? 'keep' : 'drop' })}
        />
      ) : null}
    </Folded>
  );
}

/** What a card is plugged into. */
function placeOf({ saved, title }: Device): string {
  const { network, bridge, dev } = (saved?.['source'] ?? {}) as Record<string, string | null>;
  return network ?? bridge ?? dev ?? title;
}

interface CardProps extends CloneParts {
  host: string;
  card: Device;
  number: number;
}

function Card({ host, card, number, wish, problem, set }: CardProps) {
  const networks = useQuery(storageQueries.networks(host)).data ?? [];
  const [network, mac] = [`clone-network-${number}`, `clone-mac-${number}`];
  const several = wish.count > 1;
  return (
    <div className="qd-form-pair">
      <Field id={network} label={t('Network of card {{number}}', { number: number + 1 })} error={fieldError(problem, `/networks/${number}`)}>
        <FormSelect id={network} value={wish.networks[number] ?? ''} onChange={(_, name) => set({ networks: withEntry(wish.networks, number, name) })}>
          <FormSelectOption value="" label={t('As the original: {{place}}', { place: placeOf(card) })} />
          {networks.map(({ name }) => (
            <FormSelectOption key={name} value={name} label={name} />
          ))}
        </FormSelect>
      </Field>
      <Field id={mac} label={t('MAC address of card {{number}}', { number: number + 1 })} error={fieldError(problem, `/macs/${number}`)} help={several ? t('Several clones get addresses of their own.') : undefined}>
        <TextInput id={mac} isDisabled={several} value={several ? '' : (wish.macs[number] ?? '')} placeholder={t('A new one')} onChange={(_, text) => set({ macs: withEntry(wish.macs, number, text) })} />
      </Field>
    </div>
  );
}
