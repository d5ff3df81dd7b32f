import { Alert, AlertActionLink } from '@patternfly/react-core';
import { t } from '../util/i18n';

/** The two ways on when somebody saved another version of what a form is about. */
export interface Meanwhile {
  /** Goes on with what was typed, on top of what is saved now. */
  keep: () => void;
  /** Shows what is saved now; what was typed is lost. */
  reload: () => void;
}

/** Tells that somebody else saved it while it was edited, and asks what is to become of the input. */
export function MeanwhileAlert({ name, keep, reload }: Meanwhile & { name: string }) {
  return (
    <Alert
      variant="warning"
      isInline
      title={t('Somebody changed {{name}} meanwhile', { name })}
      actionLinks={
        <>
          <AlertActionLink onClick={keep}>{t('Go on with my input')}</AlertActionLink>
          <AlertActionLink onClick={reload}>{t('Load what is saved now')}</AlertActionLink>
        </>
      }
    >
      {t('Your input is still here. It was made from an older definition.')}
    </Alert>
  );
}
