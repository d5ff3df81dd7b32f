import type { ActDialogProps } from '.';

export default function DomainSendKey(_props: ActDialogProps) {
  return null;
}
