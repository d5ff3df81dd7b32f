import type { ActDialogProps } from '.';

export default function DomainRename(_props: ActDialogProps) {
  return null;
}
