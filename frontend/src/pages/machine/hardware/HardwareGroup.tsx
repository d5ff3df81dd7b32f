import { Card, CardBody, CardExpandableContent, CardHeader, CardTitle } from '@patternfly/react-core';
import { useState, type ReactNode } from 'react';
import { t } from '../../../util/i18n';

interface Props {
  title: string;
  /** Closed at first: what people seldom look for. */
  folded?: boolean;
  count?: number;
  children: ReactNode;
}

/** A group of hardware under its heading. */
export function HardwareGroup({ title, folded = false, count, children }: Props) {
  const [open, setOpen] = useState(!folded);
  const id = `group-${title.replace(/\W+/g, '-')}`;
  const heading = count === undefined ? title : `${title} (${count})`;
  if (!folded) {
    return (
      <Card component="section" aria-label={title} isCompact>
        <CardTitle component="h2">{title}</CardTitle>
        <CardBody>{count === 0 ? <p className="qd-dim">{t('none')}</p> : <ul className="qd-devices">{children}</ul>}</CardBody>
      </Card>
    );
  }
  return (
    <Card component="section" aria-label={title} isCompact isExpanded={open} id={id}>
      <CardHeader
        onExpand={() => setOpen(!open)}
        toggleButtonProps={{ id: `${id}-toggle`, 'aria-label': title, 'aria-labelledby': `${id}-title ${id}-toggle`, 'aria-expanded': open }}
      >
        <CardTitle component="h2" id={`${id}-title`}>
          {heading}
        </CardTitle>
      </CardHeader>
      <CardExpandableContent>
        <CardBody>
          <ul className="qd-devices">{children}</ul>
        </CardBody>
      </CardExpandableContent>
    </Card>
  );
}
