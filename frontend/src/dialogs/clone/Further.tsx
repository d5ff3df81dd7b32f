import { Checkbox } from '@patternfly/react-core';
import type { CloneRequest } from '../../api/clone';
import { fieldError, isUnder } from '../../api/problem';
import type { Domain, Problem } from '../../api/types';
import { Field } from '../../components/Field';
import { Folded } from '../../components/Folded';
import { TextInput } from '../../components/inputs';
import { t } from '../../util/i18n';
import { FieldNote } from './FieldNote';

interface Props {
  domain: Domain;
  wish: CloneRequest;
  problem: Problem | null;
  set: (change: Partial<CloneRequest>) => void;
}

/** Addresses, TPM and host devices: what suits most is chosen already. */
export function Further({ domain, wish, problem, set }: Props) {
  const cards = domain.devices.filter((device) => device.type === 'interface');
  const lent = domain.devices.some((device) => device.type === 'hostdev');
  const tpm = domain.devices.some((device) => device.type === 'tpm');
  if (cards.length === 0 && !lent && !tpm) return null;
  const put = (number: number, mac: string) => {
    // Addresses are given in the order of the cards: those before a given one are given too.
    const macs = cards.map((_, index) => (index === number ? mac.trim() || null : (wish.macs[index] ?? null)));
    set({ macs: macs.slice(0, macs.findLastIndex(Boolean) + 1) });
  };
  return (
    <Folded title={t('Addresses and devices')} wrong={isUnder((problem?.errors ?? []).map(({ pointer }) => pointer), ['/macs', '/tpm_state', '/host_devices'])}>
        {cards.map((card, number) => (
          <Field key={card.id} id={`clone-mac-${number}`} label={t('MAC address of card {{number}}', { number: number + 1 })} error={fieldError(problem, `/macs/${number}`)}>
            <TextInput id={`clone-mac-${number}`} value={wish.macs[number] ?? ''} placeholder={t('A new one')} onChange={(_, mac) => put(number, mac)} />
          </Field>
        ))}
        {tpm ? (
          <Checkbox
            id="clone-tpm"
            label={t('Copy what its TPM holds')}
            description={t('Needed where the guest keeps keys there; both machines then have the same secrets.')}
            isChecked={wish.tpm_state === 'copy'}
            onChange={(_, on) => set({ tpm_state: on ? 'copy' : 'new' })}
          />
        ) : null}
        {tpm ? <FieldNote error={fieldError(problem, '/tpm_state')} /> : null}
        {lent ? (
          <Checkbox
            id="clone-hostdev"
            label={t('Give it the same devices of the host')}
            description={t('Only one of the two machines can then run.')}
            isChecked={wish.host_devices === 'keep'}
            onChange={(_, on) => set({ host_devices: on ? 'keep' : 'drop' })}
          />
        ) : null}
    </Folded>
  );
}
