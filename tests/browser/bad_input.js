/** Types into every field of a form that has a rule, also into those that other choices bring up; tells what is amiss. */
async (form, { wrong, gates }) => {
  const found = new Map();
  const settle = () => new Promise((done) => setTimeout(done, 0));
  const put = (control, text) => {
    const kind = control instanceof HTMLSelectElement ? HTMLSelectElement : control instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(kind.prototype, 'value').set.call(control, text);
    control.dispatchEvent(new Event(control instanceof HTMLSelectElement ? 'change' : 'input', { bubbles: true }));
  };
  const pressed = new Set();
  const unfold = async () => {
    for (let round = 0; round < 4; round += 1) {
      const closed = [...form.querySelectorAll('.pf-v6-c-expandable-section__toggle [aria-expanded=false], [aria-expanded=false].pf-v6-c-expandable-section__toggle')];
      const adds = [...form.querySelectorAll('button[aria-label^="Add: "]:not(:disabled)')].filter((button) => !pressed.has(button.ariaLabel));
      for (const button of [...closed, ...adds]) {
        if (button.ariaLabel) pressed.add(button.ariaLabel);
        button.click();
        await settle();
      }
      if (closed.length + adds.length === 0) return;
    }
  };
  const type = async () => {
    await unfold();
    const typed = Object.entries(wrong).filter(([id]) => !found.has(id) && form.querySelector(`[id="${id}"]`));
    for (const [id, text] of typed) {
      const control = form.querySelector(`[id="${id}"]`);
      if (!control.disabled) put(control, text);
    }
    await settle();
    await settle();
    for (const [id, text] of typed) {
      const control = form.querySelector(`[id="${id}"]`);
      const told = (control?.getAttribute('aria-describedby') ?? '').split(' ').map((name) => document.getElementById(name)?.textContent ?? '').join(' ');
      const fault = !control ? 'it went away' : control.disabled ? '' : control.value !== text ? `${text} became ${control.value}` : control.getAttribute('aria-invalid') !== 'true' ? `${text} is not marked as wrong` : told.length < 9 ? `nothing is told about ${text}` : '';
      found.set(id, { id, fault });
    }
  };
  await type();
  for (const radio of form.querySelectorAll('input[type=radio]:not(:disabled)')) {
    radio.click();
    await settle();
    await type();
  }
  const isOver = () => Object.keys(wrong).every((id) => found.has(id));
  const open = async (within) => {
    for (const [id, word] of gates) {
      if (isOver()) return;
      const gate = form.querySelector(`[id="${id}"]`);
      if (!gate || gate.disabled || within.has(id) || gate.value === word) continue;
      if (gate.type === 'checkbox') {
        if (!gate.checked) gate.click();
      } else if (word !== '*') put(gate, word);
      else if (gate instanceof HTMLSelectElement) put(gate, 'yes');
      else if (!(id in wrong)) put(gate, '1');
      await settle();
      await type();
      // Some come up only by a second choice that the first one brought.
      const deeper = gates.some(([inner]) => !within.has(inner) && inner !== id && !known.has(inner) && form.querySelector(`[id="${inner}"]`));
      if (deeper) await open(new Set([...within, id]));
    }
  };
  const known = new Set(gates.map(([id]) => id).filter((id) => form.querySelector(`[id="${id}"]`)));
  await open(new Set());
  return { fields: [...found.values()] };
};
