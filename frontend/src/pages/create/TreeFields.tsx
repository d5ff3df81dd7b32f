import { TextInput } from '../../components/inputs';
import { t } from '../../util/i18n';
import { PointedField } from './PointedField';
import type { SectionProps } from './parts';

/** Where a distribution's tree lies, and what its installer is told. */
export function TreeFields(props: SectionProps) {
  const { draft, set, errors } = props;
  return (
    <>
      <PointedField
        id="tree-url"
        label={t('Address of the tree')}
        pointers={['/install/url', '/install/pool']}
        errors={errors}
        help={t('The folder of a release of Debian, Fedora, RHEL and their kin, or SUSE; of Ubuntu its netboot/amd64/. Or a folder of the host that holds one, such as /srv/fedora. Its kernel is fetched when the machine is made.')}
        isRequired
      >
        <TextInput id="tree-url" type="url" value={draft.url ?? ''} onChange={(_, url) => set({ url })} placeholder="https://deb.debian.org/debian/dists/bookworm/" />
      </PointedField>
      <KernelArgs {...props} />
    </>
  );
}

/** What the installer's kernel is told. */
export function KernelArgs({ draft, set, errors, resolved }: SectionProps) {
  const windows = resolved.system?.family === 'winnt';
  const help = t('For an installation without questions: inst.ks=…, auto url=…, autoyast=…; console=ttyS0 for the serial console.');
  return (
    <PointedField id="kernel-args" label={t('Kernel arguments')} pointers={['/install/kernel_args']} errors={errors} help={windows ? t('The installer of Windows takes none.') : help}>
      <TextInput id="kernel-args" value={windows ? '' : (draft.kernelArgs ?? '')} isDisabled={windows} onChange={(_, kernelArgs) => set({ kernelArgs })} spellCheck={false} />
    </PointedField>
  );
}
