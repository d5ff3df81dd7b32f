import type { MigrationRequest } from '../../api/migration';
import type { DomainSummary } from '../../api/types';

/** The wish to begin with: a live move of what runs, the definition of what is off. */
export function firstWish(domain: DomainSummary, destination: string): MigrationRequest {
  const on = domain.state !== 'shut_off';
  return {
    destination,
    mode: on ? 'live' : 'offline',
    storage: 'shared',
    persistent: true,
    undefine_source: domain.persistent,
    leave_paused: false,
    compressed: false,
    abort_on_error: true,
    unsafe: false,
    auto_converge: false,
    post_copy: false,
    tunnelled: false,
    tls: false,
    parallel: null,
    bandwidth_mib_s: null,
    max_downtime_ms: null,
    transfer_address: null,
    rename: null,
    pool: null,
    start: false,
  };
}

/** What goes to the server: an offline move has none of the options that concern memory. */
export function toRequest(wish: MigrationRequest): MigrationRequest {
  if (wish.mode !== 'offline') return { ...wish, start: false, pool: wish.storage === 'shared' ? null : wish.pool };
  return {
    ...wish,
    storage: 'shared',
    persistent: true,
    leave_paused: false,
    compressed: false,
    unsafe: false,
    auto_converge: false,
    post_copy: false,
    tunnelled: false,
    tls: false,
    parallel: null,
    bandwidth_mib_s: null,
    max_downtime_ms: null,
    pool: null,
  };
}
