import { Label } from '@patternfly/react-core';
import ServerIcon from '@patternfly/react-icons/dist/esm/icons/server-icon';
import { useHosts } from '../../api/queries';

/** Which host something is on; nothing where there is only one. */
export function HostLabel({ host }: { host: string }) {
  const hosts = useHosts();
  if (hosts.length < 2) return null;
  return (
    <Label isCompact variant="outline" icon={<ServerIcon />}>
      {hosts.find((known) => known.id === host)?.name ?? host}
    </Label>
  );
}
