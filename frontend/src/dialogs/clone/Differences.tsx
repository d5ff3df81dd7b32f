import { DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm } from '@patternfly/react-core';
import type { ClonePlan } from '../../api/clone';

/** Each thing that is made unique, and why. */
export function Differences({ changes }: Pick<ClonePlan, 'changes'>) {
  return (
    <DescriptionList isHorizontal isCompact>
      {changes.map(({ field, detail }, index) => (
        <DescriptionListGroup key={`${field}${index}`}>
          <DescriptionListTerm>{field}</DescriptionListTerm>
          <DescriptionListDescription>{detail}</DescriptionListDescription>
        </DescriptionListGroup>
      ))}
    </DescriptionList>
  );
}
