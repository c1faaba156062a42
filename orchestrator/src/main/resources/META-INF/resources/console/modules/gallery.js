import { explanation } from './current.js';
import { arrange, element, say } from './element.js';
import * as words from './job.js';

/** Everything that was drawn, newest first, and at its end what was not. */
export class Gallery {
  #tiles = new Map();
  #others = new Map();

  constructor(jobs, current, picture, contract, actions) {
    this.jobs = jobs;
    this.current = current;
    this.picture = picture;
    this.contract = contract;
    this.actions = actions;
    this.list = document.getElementById('gallery');
    this.empty = document.getElementById('empty');
    this.more = document.getElementById('older');
    this.otherDetails = document.getElementById('others');
    this.otherTitle = document.getElementById('others-title');
    this.otherList = document.getElementById('others-list');
    this.looked = false;
    jobs.addEventListener('change', ({ detail: { job, before } }) => {
      if (words.isOver(job) && (before !== job.state || job.images?.some((image) => this.#isStale(job, image)))) {
        this.#soon();
      }
    });
    jobs.addEventListener('looked', () => {
      if (!this.looked) {
        this.looked = true;
        this.show();
      }
    });
    this.more.addEventListener('click', () => void this.#older());
  }

  /** All pictures in the order of the page. */
  pictures() {
    return this.jobs
      .all()
      .filter((job) => job.state === 'completed')
      .flatMap((job) => (job.images ?? []).map((image) => ({ job, image })));
  }

  show() {
    const tiles = this.pictures().map(({ job, image }) => {
      const key = `${job.job_id}/${image.index}`;
      if (!this.#tiles.has(key)) {
        this.#tiles.set(key, new Tile(job, image, this));
      }
      const tile = this.#tiles.get(key);
      tile.show(image);
      return tile;
    });
    arrange(this.list, tiles);
    const others = this.jobs
      .all()
      .filter((job) => words.isOver(job) && job.state !== 'completed' && !this.current.isKept(job))
      .map((job) => {
        if (!this.#others.has(job.job_id)) {
          this.#others.set(job.job_id, { element: this.#other(job) });
        }
        return this.#others.get(job.job_id);
      });
    arrange(this.otherList, others);
    this.otherDetails.hidden = others.length === 0;
    say(this.otherTitle, `Without a picture (${others.length})`);
    this.more.hidden = this.jobs.next === null;
    this.empty.hidden = !this.looked || tiles.length > 0 || !this.more.hidden;
  }

  #isStale(job, image) {
    return this.#tiles.get(`${job.job_id}/${image.index}`)?.url !== words.file(image).url;
  }

  /** A page of jobs arrives one by one; it is laid out once. */
  #soon() {
    if (this.waiting !== true) {
      this.waiting = true;
      queueMicrotask(() => {
        this.waiting = false;
        this.show();
      });
    }
  }

  async #older() {
    this.more.disabled = true;
    const shown = this.list.childElementCount;
    try {
      await this.jobs.older();
      this.show();
      // The first of the new ones goes on where the reader was.
      this.list.children[shown]?.firstElementChild.focus();
    } catch (failure) {
      this.actions.complain(failure);
    } finally {
      this.more.disabled = false;
    }
  }

  #other(job) {
    return element(
      'li',
      { class: 'other', 'data-job': job.job_id },
      element(
        'div',
        {},
        element('p', {}, words.prompt(job)),
        element('p', { class: job.state === 'cancelled' ? 'state' : 'state bad' }, words.stateWords(job)),
        ...explanation(job, this.contract),
      ),
      element(
        'button',
        {
          type: 'button',
          class: 'quiet',
          'aria-label': `Same settings as: ${words.prompt(job)}`,
          on: { click: () => this.actions.sameSettings(job, null) },
        },
        'Same settings',
      ),
    );
  }
}

class Tile {
  constructor(job, image, gallery) {
    this.job = job;
    this.url = null;
    this.tried = false;
    this.picture = element('img', {
      alt: `${words.prompt(job)}, seed ${image.seed}`,
      loading: 'lazy',
      decoding: 'async',
      width: words.parameters(job).width,
      height: words.parameters(job).height,
    });
    this.lost = element('span', { class: 'tile-lost', hidden: true }, 'The picture cannot be loaded');
    const button = element(
      'button',
      { type: 'button', class: 'tile', 'data-job': job.job_id, on: { click: () => gallery.picture.open(job, image) } },
      element(
        'span',
        { class: 'tile-frame' },
        this.picture,
        this.lost,
        words.isDraft(job) && element('span', { class: 'badge' }, 'Draft'),
      ),
      element(
        'span',
        { class: 'tile-words', 'aria-hidden': 'true' },
        element('span', {}, words.prompt(job)),
        element('span', { class: 'tile-seed' }, String(image.seed)),
      ),
    );
    this.element = element('li', {}, button);
    this.picture.addEventListener('load', () => {
      this.tried = false;
      this.picture.hidden = false;
      this.lost.hidden = true;
    });
    this.picture.addEventListener('error', () => {
      this.picture.hidden = true;
      this.lost.hidden = false;
      if (!this.tried) {
        // Its URL has run out, most likely: one fresh one is asked for.
        this.tried = true;
        gallery.jobs.refresh(job.job_id).catch(() => {});
      }
    });
  }

  show(image) {
    const { url } = words.file(image);
    if (url !== undefined && this.url !== url) {
      this.url = url;
      this.picture.hidden = false;
      this.picture.src = url;
    }
  }
}
