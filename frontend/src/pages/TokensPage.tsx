import { Button, Label, PageSection } from '@patternfly/react-core';
import KeyIcon from '@patternfly/react-icons/dist/esm/icons/key-icon';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call, problemOf, unread } from '../api/client';
import { useCan } from '../api/session';
import { TOKENS, tokens, type Token } from '../api/tokens';
import { ConfirmDialog } from '../components/ConfirmDialog';
import { ReasonButton } from '../components/DisabledReason';
import { PageHeader } from '../components/PageHeader';
import { EmptyPage, ErrorPage, LoadingPage } from '../components/Pages';
import { PlanButton } from '../dialogs/PlanButton';
import { TokenMake } from '../dialogs/TokenMake';
import { paths } from '../paths';
import { t } from '../util/i18n';
import { formatTime } from '../util/time';

/** What scripts log in with: who made which, when it was used last, and its end. */
export default function TokensPage() {
  const may = useCan('token:edit');
  const reason = may ? null : t('Your role makes no API tokens. Ask an administrator of the host.');
  const found = useQuery({ ...tokens(), enabled: may, staleTime: 0 });
  const [open, setOpen] = useState<'make' | Token | null>(null);
  const problem = unread(found);
  if (problem) return <ErrorPage problem={problem} retry={found.refetch} />;
  return (
    <>
      <PageHeader
        title={t('API tokens')}
        subtitle={
          <>
            {t('Scripts log in with them instead of a name and a password.')} <a href={paths.api}>{t('What the API can do')}</a>
          </>
        }
        actions={
          <ReasonButton reason={reason} onClick={() => setOpen('make')}>
            {t('Make a token')}
          </ReasonButton>
        }
      />
      <PageSection>
        {reason ? (
          <EmptyPage title={t('No tokens')} icon={KeyIcon}>
            {reason}
          </EmptyPage>
        ) : !found.data ? (
          <LoadingPage />
        ) : found.data.length === 0 ? (
          <EmptyPage title={t('There are no tokens yet')} icon={KeyIcon}>
            {t('Make one for each script or server that is to use the API, so that each can be revoked by itself.')}
          </EmptyPage>
        ) : (
          <TokenTable tokens={found.data} onRevoke={setOpen} />
        )}
      </PageSection>
      {open === 'make' ? <TokenMake onClose={() => setOpen(null)} /> : null}
      {open && typeof open === 'object' ? <Revoke token={open} onClose={() => setOpen(null)} /> : null}
    </>
  );
}

function TokenTable({ tokens: all, onRevoke }: { tokens: Token[]; onRevoke: (token: Token) => void }) {
  const [name, owner, may, made, used, expires] = [t('Name'), t('Owner'), t('May'), t('Made'), t('Last used'), t('Good until')];
  return (
    <Table aria-label={t('API tokens')} variant="compact" gridBreakPoint="grid-lg">
      <Thead>
        <Tr>
          {[name, owner, may, made, used, expires].map((label) => (
            <Th key={label}>{label}</Th>
          ))}
          <Th screenReaderText={t('Acts')} />
        </Tr>
      </Thead>
      <Tbody>
        {all.map((token) => (
          <Tr key={token.id}>
            <Td dataLabel={name} modifier="breakWord">
              {token.name}
            </Td>
            <Td dataLabel={owner}>{token.user}</Td>
            <Td dataLabel={may}>{token.role === 'administrator' ? t('everything') : t('look only')}</Td>
            <Td dataLabel={made}>{formatTime(token.created)}</Td>
            <Td dataLabel={used}>{token.used ? formatTime(token.used) : <span className="qd-dim">{t('never')}</span>}</Td>
            <Td dataLabel={expires}>
              {formatTime(token.expires)}{' '}
              {new Date(token.expires) < new Date() ? (
                <Label isCompact color="orange">
                  {t('expired')}
                </Label>
              ) : null}
            </Td>
            <Td isActionCell>
              <Button variant="secondary" size="sm" onClick={() => onRevoke(token)} aria-label={t('Revoke {{name}}', { name: token.name })}>
                {t('Revoke')}
              </Button>
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

function Revoke({ token, onClose }: { token: Token; onClose: () => void }) {
  const cache = useQueryClient();
  const request = { path: { id: token.id } };
  const revoke = async () => {
    await call('DELETE', `${TOKENS}/{id}`, request);
    await cache.invalidateQueries(tokens());
  };
  return (
    <ConfirmDialog
      title={t('Revoke the token {{name}}?', { name: token.name })}
      verb={t('Revoke')}
      danger
      onConfirm={revoke}
      toProblem={problemOf}
      extra={<PlanButton title={t('Revoke')} method="DELETE" template={`${TOKENS}/{id}`} {...request} />}
      onClose={onClose}
    >
      <p>{t('What logs in with it is refused from now on, and what it has open closes.')}</p>
    </ConfirmDialog>
  );
}
