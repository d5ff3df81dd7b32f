import type { MigrationCheck } from '../../api/migration';

/** Whether it goes by what somebody does on a host, of which no news comes. */
export const isMendedByHand = ({ commands, protection_of }: MigrationCheck['findings'][number]): boolean => commands.length > 0 || protection_of !== null;
