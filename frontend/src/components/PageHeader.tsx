import { Content, Flex, FlexItem, PageSection, Title } from '@patternfly/react-core';
import { useEffect, type ReactNode } from 'react';

interface Props {
  title: string;
  /** In the tab's title instead of `title`, where that alone would say too little. */
  documentTitle?: string;
  subtitle?: ReactNode;
  before?: ReactNode;
  /** Beside the title: state, labels. */
  aside?: ReactNode;
  actions?: ReactNode;
}

/** The head of a page: one h1, which takes the focus after a change of page, and the page's main acts at the right. */
export function PageHeader({ title, documentTitle, subtitle, before, aside, actions }: Props) {
  const tab = documentTitle ?? title;
  useEffect(() => {
    document.title = `${tab} · Quarterdeck`;
  }, [tab]);
  return (
    <PageSection className="qd-page-header">
      {before}
      <Flex justifyContent={{ default: 'justifyContentSpaceBetween' }} alignItems={{ default: 'alignItemsCenter' }} rowGap={{ default: 'rowGapSm' }}>
        <FlexItem className="qd-shrink">
          <Flex alignItems={{ default: 'alignItemsCenter' }} columnGap={{ default: 'columnGapMd' }} rowGap={{ default: 'rowGapXs' }}>
            <Title headingLevel="h1" size="2xl" tabIndex={-1} id="page-title">
              {title}
            </Title>
            {aside}
          </Flex>
          {subtitle ? <Content component="p" className="qd-subtitle">{subtitle}</Content> : null}
        </FlexItem>
        {actions ? <FlexItem>{actions}</FlexItem> : null}
      </Flex>
    </PageSection>
  );
}
