import { arrange, element, say } from './element.js';

const BETWEEN_LOOKS_MILLIS = 5_000;

/** The model servers, how busy they are, and how much waits for them: of all tenants, so there is nothing but a number. */
export class Lanes {
  #rows = new Map();

  constructor(api) {
    this.api = api;
    this.section = document.getElementById('lanes');
    this.list = document.getElementById('lane-list');
    this.queue = document.getElementById('queue');
    this.timer = null;
  }

  look() {
    clearTimeout(this.timer);
    void this.#lookOnce();
  }

  pause() {
    clearTimeout(this.timer);
  }

  async #lookOnce() {
    try {
      const { lanes, open_jobs: open } = await this.api.get('/v1/lanes');
      this.#show(lanes);
      say(this.queue, queueWords(open));
    } catch (failure) {
      this.section.hidden = true;
      if (failure.status === 404 || failure.status === 401) {
        return;
      }
    }
    if (!document.hidden) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look(), BETWEEN_LOOKS_MILLIS);
    }
  }

  #show(lanes) {
    const rows = lanes.map((lane) => {
      if (!this.#rows.has(lane.name)) {
        this.#rows.set(lane.name, new Row(lane));
      }
      const row = this.#rows.get(lane.name);
      row.show(lane);
      return row;
    });
    arrange(this.list, rows);
    this.section.hidden = rows.length === 0;
  }
}

class Row {
  constructor(lane) {
    const name = /^\d+$/.test(lane.name) ? `Lane ${lane.name}` : lane.name;
    this.state = element('span', { class: 'lane-state' });
    this.bar = element('progress', { class: 'load', 'aria-label': `Load of ${name}` });
    this.element = element(
      'li',
      { class: 'lane' },
      element('span', { class: 'lane-name' }, name),
      this.state,
      this.bar,
    );
  }

  show(lane) {
    const good = lane.ready && lane.draws !== false && lane.circuit !== 'open';
    this.state.classList.toggle('away', !good);
    say(this.state, laneWords(lane, good));
    this.bar.hidden = !good || !lane.room;
    this.bar.max = Math.max(1, lane.room ?? 1);
    this.bar.value = Math.min(lane.outstanding ?? 0, this.bar.max);
  }
}

function queueWords(open) {
  if (open === undefined) {
    return '';
  }
  return open === 0 ? 'Nothing waits.' : `${open} ${open === 1 ? 'job is' : 'jobs are'} open, of everybody.`;
}

function laneWords(lane, good) {
  if (!lane.ready) {
    return 'away';
  }
  if (!good) {
    return lane.draws === false ? 'set aside: other models' : 'set aside: it failed';
  }
  if (lane.room) {
    return `${lane.outstanding} of ${lane.room} calls`;
  }
  return lane.drawing ? `${lane.drawing} being drawn` : 'idle';
}
