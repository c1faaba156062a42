import { Checkpoints } from './checkpoints.js';
import { element, say } from './element.js';
import { Fields } from './fields.js';

const QUOTE_REST_MILLIS = 500;
const WORDS = {
  png: 'PNG',
  jpeg: 'JPEG',
  webp: 'WebP',
  none: 'Nothing',
  parameters: 'The settings',
  full: 'The settings and the prompt',
  high: 'High',
  normal: 'Normal',
  low: 'Low',
};
/** Fields that a job may have and the form has no input for: they are carried along until the input beside is used. */
const CARRIED = { prior_timesteps: 'prior_num_inference_steps', decoder_timesteps: 'num_inference_steps' };

/** The form of a new request. */
export class RequestForm {
  #quoting = null;
  #quoteTimer = null;
  #carried = {};
  /** What was sent and not answered: sent again unchanged, it is the same job. */
  #unanswered = null;

  constructor(api, jobs, contract, announce) {
    this.api = api;
    this.jobs = jobs;
    this.contract = contract;
    this.announce = announce;
    this.form = document.getElementById('request');
    this.button = document.getElementById('submit');
    this.error = document.getElementById('request-error');
    this.quote = document.getElementById('quote');
    this.fields = new Fields(this.form);
    this.checkpoints = new Checkpoints(this.fields);
    this.#offer();
    this.form.addEventListener('input', ({ target }) => {
      for (const [carried, beside] of Object.entries(CARRIED)) {
        if (target.name === beside) {
          this.#drop(carried);
        }
      }
      this.#showQuality();
      this.#quoteSoon();
    });
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#submit();
    });
    this.form.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.form.requestSubmit();
      }
    });
  }

  /** Fills the form with a request, for a person to look at and change. */
  fill(request) {
    this.fields.clearAll();
    this.error.hidden = true;
    for (const input of this.form.elements) {
      if (input.name) {
        this.fields.set(input.name, request[input.name] ?? standing(input));
      }
    }
    Object.keys(CARRIED).forEach((name) => (request[name] ? this.#carry(name, request[name]) : this.#drop(name)));
    if (this.fields.input('prior').value === '') {
      // A checkpoint that is gone: the default one, and a person sees it.
      this.fields.input('prior').selectedIndex = 0;
    }
    this.checkpoints.follow();
    this.#showQuality();
    this.#quoteSoon();
    this.form.scrollIntoView({ block: 'nearest' });
    this.fields.input('prompt').focus();
  }

  #offer() {
    for (const name of ['output_format', 'metadata', 'priority']) {
      const choices = this.contract.choices(name);
      const select = this.fields.input(name);
      const usual = name === 'priority' ? 'normal' : choices[0];
      select.replaceChildren(
        ...choices.map((value) => element('option', { value, selected: value === usual }, WORDS[value] ?? value)),
      );
      // One choice is none.
      select.closest('.field').hidden = choices.length < 2;
    }
    this.fields.input('draft').closest('.field').hidden = !this.contract.has('draft');
    for (const input of this.form.elements) {
      if (input.type === 'number') {
        input.min = this.contract.bound(input.name, 'minimum') ?? '';
        input.max = this.contract.bound(input.name, 'maximum') ?? '';
      }
    }
    this.#showQuality();
  }

  #showQuality() {
    const format = this.fields.input('output_format').value;
    const offered = this.contract.has('output_quality') && (format === 'jpeg' || format === 'webp');
    this.fields.input('output_quality').closest('.field').hidden = !offered;
  }

  #carry(name, value) {
    this.#carried[name] = value;
    this.fields.input(CARRIED[name]).placeholder = `${value.length - 1}, as before`;
  }

  #drop(name) {
    delete this.#carried[name];
    this.fields.input(CARRIED[name]).placeholder = name === 'prior_timesteps' ? '29' : '12';
  }

  #read() {
    return { ...this.#carried, ...this.fields.read() };
  }

  async #submit() {
    if (this.button.getAttribute('aria-disabled') === 'true') {
      return;
    }
    this.fields.clearAll();
    this.error.hidden = true;
    const unreadable = this.fields.unreadable();
    if (unreadable.length > 0) {
      this.#refuse(unreadable, 'Something here cannot be read.', null);
      return;
    }
    // Not `disabled`: that would take the focus away.
    this.button.setAttribute('aria-disabled', 'true');
    say(this.button, 'Sending …');
    try {
      await this.send(this.#read());
      this.#quoteSoon();
    } catch (failure) {
      this.#explain(failure);
    } finally {
      this.button.removeAttribute('aria-disabled');
      say(this.button, 'Draw');
    }
  }

  /** Sends a request; the same request again after no answer came is the same job. */
  async send(request) {
    const body = JSON.stringify(request);
    if (this.#unanswered?.body !== body) {
      this.#unanswered = { body, key: anyKey() };
    }
    try {
      const job = await this.jobs.submit(request, this.#unanswered.key);
      this.#unanswered = null;
      this.announce('Sent. The job is in line.');
      return job;
    } catch (failure) {
      // Refused for good; what is only not possible now is asked for again by the same name.
      if (failure.status !== undefined && failure.status < 500 && failure.status !== 429) {
        this.#unanswered = null;
      }
      throw failure;
    }
  }

  #explain(failure) {
    if (failure.status === undefined) {
      this.#refuse([], failure.message, 'Nothing is lost: send it again, and it will be drawn once.');
    } else if (failure.status !== 401) {
      const wait = failure.retryAfter === null ? null : `Try again in ${failure.retryAfter} s.`;
      const advice = failure.problems.length > 0 ? null : [this.contract.advice(failure.code), wait];
      this.#refuse(
        failure.problems,
        failure.problems.length > 0 ? countWords(failure.problems.length) : failure.message,
        advice?.filter(Boolean).join(' ') || null,
      );
    }
  }

  #refuse(problems, words, advice) {
    const homeless = this.fields.show(problems);
    this.error.replaceChildren(
      element('p', {}, words),
      ...homeless.map(({ field, message }) => element('p', {}, field ? `${field}: ${message}` : message)),
      ...(advice === null ? [] : [element('p', {}, advice)]),
    );
    this.error.hidden = false;
  }

  #quoteSoon() {
    clearTimeout(this.#quoteTimer);
    this.#quoting = null;
    this.#quoteTimer = setTimeout(() => void this.#ask(), QUOTE_REST_MILLIS);
  }

  async #ask() {
    const request = this.#read();
    const asked = (this.#quoting = {});
    let words = '';
    if (request.prompt !== undefined && this.fields.unreadable().length === 0) {
      try {
        words = quoteWords(await this.api.post('/v1/quote', request));
      } catch {
        // A quote is a kindness; what is wrong is told when the request is sent.
      }
    }
    if (this.#quoting === asked) {
      say(this.quote, words);
    }
  }
}

/** What an input shows when a request does not name it. */
function standing(input) {
  if (input.type === 'checkbox') {
    return false;
  }
  if (input.tagName === 'SELECT') {
    return [...input.options].find((option) => option.defaultSelected)?.value ?? input.options[0]?.value;
  }
  return input.defaultValue;
}

function countWords(count) {
  return count === 1 ? 'One thing here needs another look.' : `${count} things here need another look.`;
}

function quoteWords({ seconds, position }) {
  const work = seconds < 1 ? 'under a second of work' : `about ${durationWords(seconds)} of work`;
  if (position === 0) {
    return `${work}, nothing before it`;
  }
  return `${work}, ${position} ${position === 1 ? 'job' : 'jobs'} before it`;
}

export function durationWords(seconds) {
  if (seconds < 90) {
    return `${Math.max(1, Math.round(seconds))} s`;
  }
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}

/** Not randomUUID, which exists on secure origins only. */
function anyKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `console-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
