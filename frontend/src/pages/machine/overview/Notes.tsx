import { DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm, Label } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import type { Domain } from '../../../api/types';
import { TextArea, TextInput } from '../../../components/inputs';
import { toast } from '../../../components/Toasts';
import { t } from '../../../util/i18n';
import { useDomainChange } from '../change';
import { useUndo } from '../undo';
import { EditInPlace } from './EditInPlace';

/** Title, description and tags: what people write about a machine. Edited where they stand. */
export function Notes({ domain }: { domain: Domain }) {
  const change = useDomainChange(domain);
  const undo = useUndo();
  const reason = domain.actions['edit'] ?? null;
  const save = (body: Record<string, unknown>) => async (etag: string) => {
    const { data } = await change({ method: 'PATCH', path: '', body }, etag);
    toast.success(t('{{name}}: note changed', { name: domain.name }), undefined, undo(data));
  };
  const shared = { etag: domain.etag, reason };
  return (
    <DescriptionList isCompact>
      <Row term={t('Title')}>
        <EditInPlace
          {...shared}
          label={t('Title')}
          value={domain.title ?? ''}
          save={(text) => save({ title: text.trim() || null })}
          input={(props) => <TextInput {...props} maxLength={200} onChange={(_, text) => props.onChange(text)} />}
        >
          {domain.title}
        </EditInPlace>
      </Row>
      <Row term={t('Description')}>
        <EditInPlace
          {...shared}
          label={t('Description')}
          value={domain.description ?? ''}
          save={(text) => save({ description: text.trim() || null })}
          input={(props) => <TextArea {...props} rows={4} resizeOrientation="vertical" onChange={(_, text) => props.onChange(text)} />}
        >
          {domain.description ? <span className="qd-prose">{domain.description}</span> : null}
        </EditInPlace>
      </Row>
      <Row term={t('Tags')}>
        <EditInPlace
          {...shared}
          label={t('Tags')}
          hint={t('Separated by blanks or commas')}
          value={domain.tags.join(' ')}
          save={(text) => save({ tags: [...new Set(text.split(/[\s,]+/).filter(Boolean))] })}
          input={(props) => <TextInput {...props} onChange={(_, text) => props.onChange(text)} />}
        >
          {domain.tags.length > 0
            ? domain.tags.map((tag) => (
                <Label key={tag} isCompact color="blue" className="qd-label">
                  {tag}
                </Label>
              ))
            : null}
        </EditInPlace>
      </Row>
    </DescriptionList>
  );
}

function Row({ term, children }: { term: string; children: ReactNode }) {
  return (
    <DescriptionListGroup>
      <DescriptionListTerm>{term}</DescriptionListTerm>
      <DescriptionListDescription>{children}</DescriptionListDescription>
    </DescriptionListGroup>
  );
}
