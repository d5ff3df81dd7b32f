const FIELDS = ':is(input, select, textarea):enabled';

/** The first field that is wrong, or empty though it is needed. */
function firstWrong(form: HTMLElement): HTMLElement | undefined {
  const fields = [...form.querySelectorAll<HTMLInputElement>(FIELDS)];
  return fields.find((field) => field.checkVisibility() && (field.ariaInvalid === 'true' || (field.ariaRequired === 'true' && field.value.trim() === '')));
}

/**
 * Whoever asks for a form to be done is led to the first field that keeps it from that: at once, or as soon as the server
 * has said what is wrong. A ref of what holds the fields and their buttons.
 */
export function leadToWrong(form: HTMLElement | null) {
  if (!form) return;
  let asked = false;
  const lead = () => {
    const wrong = asked ? firstWrong(form) : undefined;
    if (!wrong) return;
    asked = false;
    wrong.focus();
  };
  const press = (event: Event) => {
    if (event.type === 'click' && !(event.target as Element).closest('button:is([aria-disabled=true], .pf-m-primary)')) return;
    asked = true;
    lead();
  };
  // Who types on is not torn away by an answer to what was asked before.
  const typed = () => (asked = false);
  const watch = new MutationObserver(lead);
  watch.observe(form, { subtree: true, childList: true, attributeFilter: ['aria-invalid', 'disabled'] });
  form.addEventListener('click', press);
  form.addEventListener('submit', press);
  form.addEventListener('input', typed);
  return () => {
    watch.disconnect();
    form.removeEventListener('click', press);
    form.removeEventListener('submit', press);
    form.removeEventListener('input', typed);
  };
}
