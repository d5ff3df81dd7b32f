import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { queries } from '../../api/queries';
import { paths } from '../../paths';

/** Names of machines of a host, each leading to its machine. */
export function MachineLinks({ host, names }: { host: string; names: string[] }) {
  const { data = [] } = useQuery(queries.domains(host));
  return names.map((name, index) => {
    const domain = data.find((known) => known.name === name);
    return (
      <span key={name}>
        {index > 0 ? ', ' : ''}
        {domain ? <Link to={paths.machine(host, domain.uuid)}>{name}</Link> : name}
      </span>
    );
  });
}
