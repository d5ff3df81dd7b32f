import type { Network } from '../../api/storage';
import type { Ip } from './settings';

type Range = Pick<NonNullable<Ip['ranges']>[number], 'start' | 'end'>;

/** So many addresses libvirt takes in a range. */
const MOST = 65535;

/** The usual DHCP range beside an address, the half of its network in which the host is not; null where it has no room or is not complete. */
export function usualRange({ address, prefix }: Pick<Ip, 'address' | 'prefix'>): Range | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number);
  if (!parts || parts.some((part) => part > 255) || !Number.isInteger(prefix) || prefix < 8 || prefix > 29) return null;
  const own = parts.reduce((sum, part) => sum * 256 + part, 0);
  const size = 2 ** (32 - prefix);
  const first = own - (own % size);
  const middle = first + size / 2;
  const [start, end] = own < middle ? [middle, first + size - 2] : [first + 1, middle - 1];
  return { start: dotted(start), end: dotted(Math.min(end, start + MOST - 1)) };
}

function dotted(number: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join('.');
}

/** The first number of 192.168.NUMBER.0/24 and fd00:NUMBER::/64 that no network of the host has, from 100 on. */
export function freeNumber(networks: Network[]): number {
  const taken = networks.flatMap(({ ranges }) => ranges.map(({ address }) => address));
  const isFree = (number: number) => !taken.some((address) => address.startsWith(`192.168.${number}.`) || address.startsWith(`fd00:${number}:`));
  return Array.from({ length: 155 }, (_, place) => place + 100).find(isFree) ?? 100;
}

/** The first address of a family in a new network. */
export function firstAddress(family: Ip['family'], number: number): Ip {
  if (family === 'ipv6') return { family, address: `fd00:${number}::1`, prefix: 64 } as Ip;
  const ip = { family: 'ipv4', address: `192.168.${number}.1`, prefix: 24 } as Ip;
  const range = usualRange(ip);
  return { ...ip, ranges: range ? [{ ...range, lease_seconds: null }] : [] };
}
