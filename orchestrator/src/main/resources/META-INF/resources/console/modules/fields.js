import { say } from './element.js';

const NUMBERS = new Set([
  'width',
  'height',
  'prior_num_inference_steps',
  'prior_guidance_scale',
  'num_inference_steps',
  'decoder_guidance_scale',
  'num_images_per_prompt',
  'output_quality',
]);

/** The inputs of the form. Their names are the request's fields, so what is wrong with a field is shown at its input. */
export class Fields {
  constructor(form) {
    this.form = form;
    form.addEventListener('input', ({ target }) => this.clear(target.name));
  }

  input(name) {
    return this.form.elements.namedItem(name);
  }

  set(name, value) {
    const input = this.input(name);
    if (input.type === 'checkbox') {
      input.checked = value === true;
    } else {
      input.value = value ?? '';
    }
    this.clear(name);
  }

  /** What is filled in; empty inputs are left to the server's defaults. */
  read() {
    const request = {};
    for (const input of this.form.elements) {
      if (!input.name || input.disabled || input.closest('[hidden]') !== null) {
        continue;
      }
      if (input.type === 'checkbox') {
        if (input.checked) {
          request[input.name] = true;
        }
      } else if (NUMBERS.has(input.name)) {
        if (input.value !== '') {
          request[input.name] = Number(input.value);
        }
      } else if (input.value.trim() !== '') {
        request[input.name] = input.name === 'seed' ? input.value.trim() : input.value;
      }
    }
    return request;
  }

  /** What the browser itself could not read as a number; the server would never see it. */
  unreadable() {
    return [...this.form.elements]
      .filter((input) => input.validity?.badInput)
      .map((input) => ({ field: input.name, message: 'is not a number' }));
  }

  /**
   * Shows problems at their inputs and goes to the first one.
   *
   * @returns {Array<{field: string, message: string}>} those that no input belongs to
   */
  show(problems) {
    const messages = new Map();
    const homeless = [];
    for (const { field, message } of problems) {
      const input = field && this.input(field);
      if (!input || input.closest('[hidden]') !== null) {
        homeless.push({ field, message });
      } else {
        messages.set(field, [...(messages.get(field) ?? []), message]);
      }
    }
    for (const [field, words] of messages) {
      const input = this.input(field);
      input.setAttribute('aria-invalid', 'true');
      const wrong = this.#wrong(field);
      say(wrong, words.map((message) => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`).join(' '));
      wrong.hidden = false;
      input.closest('details')?.setAttribute('open', '');
    }
    const first = [...this.form.elements].find((input) => messages.has(input.name));
    first?.focus();
    return homeless;
  }

  clear(name) {
    const wrong = name && this.#wrong(name);
    if (wrong) {
      wrong.hidden = true;
      this.input(name).removeAttribute('aria-invalid');
    }
  }

  clearAll() {
    [...this.form.elements].forEach((input) => this.clear(input.name));
  }

  #wrong(name) {
    return document.getElementById(`${name}-error`);
  }
}
