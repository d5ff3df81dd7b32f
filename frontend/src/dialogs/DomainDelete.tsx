import type { ActDialogProps } from '.';

export default function DomainDelete(_props: ActDialogProps) {
  return null;
}
