import { Breadcrumb, BreadcrumbItem, Button, Form, Label, PageSection, Radio, Title } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import { problemOf } from '../../api/client';
import { queries } from '../../api/queries';
import type { Host, Locking } from '../../api/types';
import { leadToWrong } from '../../components/leadToWrong';
import { PageHeader } from '../../components/PageHeader';
import { EmptyPage, ErrorPage, LoadingPage } from '../../components/Pages';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { kindOf, kinds, startOf, wishOf, type Draft } from './locking';
import { LockingFields } from './LockingFields';
import { LockingPlan, useLockingPlan } from './LockingPlan';
import { TwinNotice } from './TwinNotice';
import './protection.css';

/** What keeps a host from starting a machine twice: what it has, what it could have, and the way there. */
export default function ProtectionPage() {
  const { host: id = '' } = useParams();
  const hosts = useQuery(queries.hosts());
  const found = useQuery(queries.locking(id));
  const as = useSearchParams()[0].get('as');
  const like = useQuery({ ...queries.locking(as ?? ''), enabled: as !== null });
  if (hosts.isPending || found.isPending || like.isLoading) return <LoadingPage />;
  const error = hosts.error ?? found.error;
  if (error) return <ErrorPage problem={problemOf(error)} retry={found.refetch} />;
  const host = hosts.data?.find((each) => each.id === id);
  if (!host || !found.data) return <EmptyPage title={t('There is no such host')} />;
  const again = (
    <Button variant="secondary" isLoading={found.isFetching} isDisabled={found.isFetching} onClick={() => void found.refetch()}>
      {t('Look again')}
    </Button>
  );
  return (
    <>
      <PageHeader
        title={t('Protection of {{name}}', { name: host.name })}
        subtitle={t('What keeps a machine from running on two hosts at once, which would destroy its disks.')}
        before={
          <Breadcrumb>
            <BreadcrumbItem>
              <Link to={paths.hosts}>{t('Hosts')}</Link>
            </BreadcrumbItem>
            <BreadcrumbItem isActive>{t('Protection of {{name}}', { name: host.name })}</BreadcrumbItem>
          </Breadcrumb>
        }
        actions={again}
      />
      <Guide key={JSON.stringify(found.data)} host={host} now={found.data} like={like.data} onAgain={() => void found.refetch()} />
    </>
  );
}

interface GuideProps {
  host: Host;
  now: Locking;
  /** Of another host: what this one is to have too. */
  like: Locking | undefined;
  onAgain: () => void;
}

function Guide({ host, now, like, onAgain }: GuideProps) {
  const [draft, setDraft] = useState<Draft>(() => (like && kindOf(like) ? { ...startOf(like), host_id: startOf(now).host_id } : startOf(now)));
  const twins = useQuery(queries.twins(host.id)).data ?? [];
  const wish = wishOf(draft);
  const planned = useLockingPlan(host, wish);
  return (
    <PageSection className="qd-protection" ref={leadToWrong}>
      <section aria-labelledby="protection-now">
        <Title headingLevel="h2" size="lg" id="protection-now">
          {t('What it has now')}
        </Title>
        <p>
          {now.text} {now.in_force === false ? <Label color="orange" isCompact>{t('not in force yet')}</Label> : null}
        </p>
        {twins.map((twin) => (
          <TwinNotice key={twin.host + twin.uuid} host={host.id} twin={twin} />
        ))}
      </section>
      <Form onSubmit={(event) => event.preventDefault()} noValidate>
        <fieldset className="qd-protections">
          <legend>{t('What it could have')}</legend>
          {kinds().map((kind) => (
            <div key={kind.id} className="qd-protection-kind">
              <Radio
                id={`kind-${kind.id}`}
                name="kind"
                isChecked={draft.kind === kind.id}
                onChange={() => setDraft({ ...draft, kind: kind.id })}
                label={
                  <>
                    {kind.title} {kindOf(now) === kind.id ? <Label color="green" isCompact>{t('in use')}</Label> : null}
                  </>
                }
                description={kind.words}
              />
            </div>
          ))}
        </fieldset>
        <LockingFields draft={draft} problem={planned.problem} onChange={setDraft} />
      </Form>
      <LockingPlan host={host} now={now} wish={wish} planned={planned} onChanged={onAgain} />
    </PageSection>
  );
}
