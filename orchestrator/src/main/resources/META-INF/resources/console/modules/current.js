import { arrange, element, say } from './element.js';
import * as words from './job.js';

/** Jobs that are under way, and those that ended badly while one was looking. */
export class Current {
  #cards = new Map();
  /** Jobs that ended without pictures since the page was opened, until they are put away. */
  #kept = new Set();

  constructor(jobs, contract, actions) {
    this.jobs = jobs;
    this.contract = contract;
    this.actions = actions;
    this.section = document.getElementById('current');
    this.title = document.getElementById('current-title');
    this.list = document.getElementById('current-list');
    jobs.addEventListener('change', ({ detail: { job, before } }) => {
      const bad = words.isOver(job) && job.state !== 'completed';
      if (bad && before !== null && before !== job.state) {
        this.#kept.add(job.job_id);
      }
      const card = this.#cards.get(job.job_id);
      if (card !== undefined && before === job.state) {
        card.show(job);
      } else if (card !== undefined || !words.isOver(job)) {
        this.show();
      }
    });
  }

  isKept(job) {
    return this.#kept.has(job.job_id);
  }

  show() {
    // The one that is drawn next stands first.
    const shown = this.jobs.all().filter((job) => !words.isOver(job) || this.isKept(job)).reverse();
    const ids = new Set(shown.map((job) => job.job_id));
    const focused = document.activeElement?.closest('.card');
    for (const id of this.#cards.keys()) {
      if (!ids.has(id)) {
        this.#cards.delete(id);
      }
    }
    const cards = shown.map((job) => {
      if (!this.#cards.has(job.job_id)) {
        this.#cards.set(job.job_id, new Card(job, this));
      }
      const card = this.#cards.get(job.job_id);
      card.show(job);
      return card;
    });
    this.section.hidden = cards.length === 0;
    arrange(this.list, cards);
    if (focused && !focused.isConnected) {
      (cards.length === 0 ? document.getElementById('pictures-title') : this.title).focus();
    }
  }

  putAway(job) {
    this.#kept.delete(job.job_id);
    this.show();
    this.actions.putAway();
  }
}

class Card {
  constructor(job, current) {
    this.current = current;
    this.id = job.job_id;
    this.frames = element('div', { class: 'frames' });
    this.state = element('p', { class: 'state' });
    this.bars = element('ul', { class: 'bars' });
    this.advice = element('div', { class: 'advice', hidden: true });
    this.buttons = element('div', { class: 'actions' });
    const title = element('h3', { id: `card-${job.job_id}` }, words.prompt(job));
    this.element = element(
      'li',
      { class: 'card', 'aria-labelledby': title.id, 'data-job': job.job_id },
      this.frames,
      element(
        'div',
        { class: 'card-text' },
        title,
        this.state,
        this.bars,
        this.advice,
        element('p', { class: 'settings' }, words.settingsWords(job)),
        this.buttons,
      ),
    );
    this.over = null;
  }

  show(job) {
    const over = words.isOver(job);
    say(this.state, words.stateWords(job));
    this.state.classList.toggle('bad', over && job.state !== 'cancelled');
    this.bars.hidden = over;
    this.frames.hidden = over && !job.images?.length;
    this.element.classList.toggle('wide', this.frames.hidden || words.imageCount(job) > 2);
    if (!over) {
      this.#showImages(job);
    }
    if (this.over !== over) {
      this.over = over;
      this.#showEnd(job);
    }
    this.buttons.firstElementChild.disabled = !over && job.cancelling === true;
  }

  #showImages(job) {
    const count = words.imageCount(job);
    const { width = 1, height = 1 } = words.parameters(job);
    for (let index = this.frames.childElementCount; index < count; index += 1) {
      const frame = element('div', { class: 'frame' });
      frame.style.aspectRatio = `${width} / ${height}`;
      this.frames.append(frame);
    }
    const running = job.state === 'running';
    this.bars.hidden = !running;
    for (let index = 0; index < count; index += 1) {
      const progress = job.progress?.find((one) => one.index === index);
      const image = job.images?.find((one) => one.index === index);
      this.#showFrame(this.frames.children[index], job, index, image, running);
      this.#showBar(index, count, progress, image);
    }
  }

  #showFrame(frame, job, index, image, running) {
    frame.classList.toggle('drawing', running && !image);
    const source = (image && words.file(image).url) ?? job.previews.get(index);
    if (source === undefined) {
      return;
    }
    const picture = frame.firstElementChild ?? frame.appendChild(element('img'));
    picture.classList.toggle('early', !image);
    picture.alt = `${image ? 'Picture' : 'Preview of picture'} ${index + 1}`;
    if (picture.getAttribute('src') !== source) {
      picture.src = source;
    }
  }

  #showBar(index, count, progress, image) {
    if (this.bars.children[index] === undefined) {
      const label = element('span', { id: `bar-${this.id}-${index}` });
      this.bars.append(
        element('li', { class: 'bar' }, label, element('progress', { max: 1, value: 0, 'aria-labelledby': label.id })),
      );
    }
    const [label, bar] = this.bars.children[index].children;
    const now = image ? 'done' : progress ? words.progressWords(progress) : 'waiting for its turn';
    say(label, count > 1 ? `Picture ${index + 1}: ${now}` : capital(now));
    bar.value = image ? 1 : progress ? words.share(progress) : 0;
  }

  #showEnd(job) {
    const { actions, contract } = this.current;
    if (!this.over) {
      this.buttons.replaceChildren(
        button('Cancel', `Cancel: ${words.prompt(job)}`, () => actions.cancel(job.job_id)),
      );
      return;
    }
    this.advice.replaceChildren(...explanation(job, contract));
    this.advice.hidden = this.advice.childElementCount === 0;
    this.buttons.replaceChildren(
      button('Change and send again', null, () => actions.sameSettings(job, null)),
      button('Put away', `Put away: ${words.prompt(job)}`, () => this.current.putAway(job)),
    );
  }
}

const USUAL_CODES = { rejected: 'invalid_request', failed: 'internal', expired: 'deadline_exceeded' };

/** Why a job ended without pictures, and what can be done: the job's own words and the catalogue's advice. */
export function explanation(job, contract) {
  const code = job.error?.code ?? USUAL_CODES[job.state];
  const advice = job.state === 'cancelled' ? null : contract.advice(code);
  return [
    job.error?.message ? element('p', {}, job.error.message) : null,
    ...(job.problems ?? []).map(({ field, message }) => element('p', {}, `${field}: ${message}`)),
    advice === null ? null : element('p', {}, advice),
  ].filter((part) => part !== null);
}

function button(label, longer, action) {
  return element('button', { type: 'button', class: 'secondary', 'aria-label': longer, on: { click: action } }, label);
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
