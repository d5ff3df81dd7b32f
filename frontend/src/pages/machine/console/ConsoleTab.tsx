import { ConsolePanel } from '../../../console/ConsolePanel';
import type { TabProps } from '../MachinePage';

export default function ConsoleTab({ domain }: TabProps) {
  return <ConsolePanel domain={domain} />;
}
