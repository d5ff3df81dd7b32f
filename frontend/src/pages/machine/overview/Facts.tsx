import {
  ClipboardCopy,
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
  Switch,
} from '@patternfly/react-core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Domain } from '../../../api/types';
import { paths } from '../../../paths';
import { useActs } from '../../../shell/acts';
import { t } from '../../../util/i18n';
import { cpuText, memoryText } from './texts';

/** What the machine is, each fact where people look for it. */
export function Facts({ domain }: { domain: Domain }) {
  return (
    <DescriptionList isCompact columnModifier={{ default: '1Col', lg: '2Col' }} aria-label={t('Facts')}>
      <Fact term={t('Operating system')}>{domain.os?.name ?? <Dim>{t('not known')}</Dim>}</Fact>
      <Fact term={t('Addresses')}>
        <Addresses domain={domain} />
      </Fact>
      <Fact term={t('CPU')}>{cpuText(domain)}</Fact>
      <Fact term={t('Memory')}>{memoryText(domain)}</Fact>
      <Fact term={t('Firmware')}>{firmwareText(domain)}</Fact>
      <Fact term={t('Machine type')}>
        {domain.machine || <Dim>{t('not known')}</Dim>} <Dim>{[domain.arch, domain.type.toUpperCase()].filter(Boolean).join(', ')}</Dim>
      </Fact>
      <Fact term={t('Boots from')}>
        <BootOrder domain={domain} />
      </Fact>
      <Fact term={t('Snapshots')}>
        <Snapshots domain={domain} />
      </Fact>
      {domain.origin ? (
        <Fact term={t('Made of')}>
          <Link to={paths.machine(domain.host, domain.origin.uuid)}>{domain.origin.name}</Link>, <Link to={paths.templateVersions(domain.host, domain.origin.uuid)}>{t('version {{number}}', { number: domain.origin.version })}</Link>
        </Fact>
      ) : null}
      <Fact term={t('Start with the host')}>
        <Autostart domain={domain} />
      </Fact>
      <Fact term={t('UUID')}>
        <Copyable text={domain.uuid} />
      </Fact>
    </DescriptionList>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <DescriptionListGroup>
      <DescriptionListTerm>{term}</DescriptionListTerm>
      <DescriptionListDescription>{children}</DescriptionListDescription>
    </DescriptionListGroup>
  );
}

function Dim({ children }: { children: ReactNode }) {
  return <span className="qd-dim">{children}</span>;
}

function Copyable({ text }: { text: string }) {
  return (
    <ClipboardCopy variant="inline-compact" isCode hoverTip={t('Copy')} clickTip={t('Copied')} copyAriaLabel={t('Copy {{what}}', { what: text })}>
      {text}
    </ClipboardCopy>
  );
}

function Addresses({ domain }: { domain: Domain }) {
  if (domain.addresses.length === 0) {
    return <Dim>{domain.state === 'shut_off' ? t('none while it is off') : t('none known yet')}</Dim>;
  }
  return (
    <ul className="qd-plain">
      {domain.addresses.map((address) => (
        <li key={address}>
          <Copyable text={address} />
        </li>
      ))}
    </ul>
  );
}

function firmwareText(domain: Domain): string {
  if (domain.firmware === 'bios') return t('BIOS');
  return domain.secure_boot ? t('UEFI with Secure Boot') : t('UEFI');
}

function BootOrder({ domain }: { domain: Domain }) {
  const hardware = paths.machine(domain.host, domain.uuid, 'hardware');
  if (domain.boot.order.length === 0) return <Dim>{t('the first disk that boots')}</Dim>;
  return (
    <ol className="qd-plain">
      {domain.boot.order.map((id) => (
        <li key={id}>
          <Link to={`${hardware}#${id}`}>{domain.devices.find((device) => device.id === id)?.title ?? id}</Link>
        </li>
      ))}
    </ol>
  );
}

function Snapshots({ domain }: { domain: Domain }) {
  const to = paths.machine(domain.host, domain.uuid, 'snapshots');
  if (domain.snapshots === 0) return <Link to={to}>{t('none')}</Link>;
  return (
    <>
      <Link to={to}>{t('{{count}} snapshots', { count: domain.snapshots })}</Link>
      {domain.snapshot ? <Dim> {t('now on {{name}}', { name: domain.snapshot })}</Dim> : null}
    </>
  );
}

function Autostart({ domain }: { domain: Domain }) {
  const { act } = useActs();
  const reason = domain.actions['autostart'];
  return (
    <>
      <Switch
        id="autostart"
        aria-label={t('Start with the host')}
        label={domain.autostart ? t('On') : t('Off')}
        isChecked={domain.autostart}
        isDisabled={!!reason}
        onChange={() => act('autostart', [domain])}
      />
      {reason ? <p className="qd-dim">{reason}</p> : null}
    </>
  );
}
