import type { MigrationRequest } from '../../api/migration';
import type { DomainSummary } from '../../api/types';

/** A move as it is asked for: only what differs from the usual is said. */
export type Wish = Pick<MigrationRequest, 'destination' | 'mode'> & Partial<MigrationRequest>;

/** What of a wish counts where only the definition moves. */
const OFFLINE: (keyof MigrationRequest)[] = ['destination', 'mode', 'undefine_source', 'carry_snapshots', 'start', 'rename', 'transfer_address'];

/** What of a wish counts where a machine that is off moves with its disks. */
const WITH_DISKS: (keyof MigrationRequest)[] = ['destination', 'mode', 'undefine_source', 'start', 'rename', 'storage', 'pool', 'disks', 'networks', 'xml', 'bandwidth_mib_s'];

/** Whether a machine that is off moves with its disks. */
export function takesDisksOff(wish: Wish): boolean {
  return wish.mode === 'offline' && wish.storage === 'copy';
}

/** What has a meaning only where disks are copied. */
const COPIES: (keyof MigrationRequest)[] = ['pool', 'disks', 'synchronous_writes', 'disks_address'];

/** The wish to begin with: a live move of what runs, the definition of what is off. */
export function firstWish(domain: DomainSummary, destination: string): Wish {
  const on = domain.state !== 'shut_off';
  return { destination, mode: on ? 'live' : 'offline', undefine_source: domain.persistent };
}

/** The wish of an earlier move, as far as the machine can still be moved that way. */
export function againWish(domain: DomainSummary, earlier: Wish): Wish {
  const usual = firstWish(domain, earlier.destination);
  return usual.mode === 'offline' && earlier.mode !== 'offline' ? { ...earlier, ...usual } : earlier;
}

/** The wish to go on with a move that broke in post-copy: as it was asked for, but for what is done already. */
export function resumeWish(domain: DomainSummary, earlier: Wish | undefined, destination: string): Wish {
  const { persistent, undefine_source, tls, tls_name, transfer_address, listen_address } = earlier ?? firstWish(domain, destination);
  const kept = Object.entries({ persistent, undefine_source, tls, tls_name, transfer_address, listen_address }).filter(([, value]) => value != null);
  return { destination, mode: 'live', ...(Object.fromEntries(kept) as Partial<MigrationRequest>), post_copy: true, resume_post_copy: true };
}

/** What goes to the server: without what the way of moving has no use for. */
export function toRequest(wish: Wish): Wish {
  const { destination, mode } = wish;
  const kept = Object.entries(wish).filter(([name]) => {
    const field = name as keyof MigrationRequest;
    if (mode === 'offline') return (takesDisksOff(wish) ? WITH_DISKS : OFFLINE).includes(field);
    if (field === 'start') return false;
    return (wish.storage ?? 'shared') !== 'shared' || !COPIES.includes(field);
  });
  return { ...(Object.fromEntries(kept) as Partial<MigrationRequest>), destination, mode };
}

/** The wish with options set; those that get their usual value are not said any more. */
export function withOptions(wish: Wish, changes: Record<string, unknown>, usual: Record<string, unknown>): Wish {
  const said = Object.entries({ ...wish, ...changes }).filter(([name, value]) => !(name in changes) || (value !== null && value !== usual[name]));
  return { destination: wish.destination, mode: wish.mode, ...(Object.fromEntries(said) as Partial<MigrationRequest>) };
}
