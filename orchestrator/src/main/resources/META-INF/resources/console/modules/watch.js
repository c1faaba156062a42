import { readJson } from './api.js';
import { readEvents } from './events.js';
import { isOver } from './job.js';

/**
 * A browser opens six connections to a host over HTTP/1.1, for all of its windows together. Streams take four of them
 * at most, so that two are left for everything else; where windows cannot agree, two a window.
 */
const STREAMS = 4;
const STREAMS_ALONE = 2;
const FIRST_PAUSE_MILLIS = 1_000;
const LONGEST_PAUSE_MILLIS = 15_000;

/** Follows the event streams of jobs that are under way, while the page can be seen. */
export class Watch {
  #streams = new Map();

  constructor(api, jobs) {
    this.api = api;
    this.jobs = jobs;
    jobs.addEventListener('change', ({ detail }) => {
      if (detail.before !== detail.job.state) {
        this.choose();
      }
    });
  }

  /** Jobs that are drawn come before those that wait, older before newer. */
  choose() {
    const wanted = this.jobs
      .all()
      .filter((job) => !isOver(job))
      .reverse()
      .sort((one, other) => rank(one) - rank(other))
      .slice(0, navigator.locks ? STREAMS : STREAMS_ALONE)
      .map((job) => job.job_id);
    for (const [id, stream] of this.#streams) {
      if (!wanted.includes(id) || document.hidden) {
        stream.abort();
        this.#streams.delete(id);
      }
    }
    if (document.hidden) {
      return;
    }
    for (const id of wanted) {
      if (!this.#streams.has(id)) {
        const stream = new AbortController();
        this.#streams.set(id, stream);
        void this.#follow(id, stream);
      }
    }
  }

  async #follow(id, stream) {
    let lastEventId = null;
    let pause = FIRST_PAUSE_MILLIS;
    while (!stream.signal.aborted) {
      const release = await takeSlot();
      try {
        if (release !== null && !stream.signal.aborted) {
          const body = await this.api.stream(`/v1/images/${id}/events`, lastEventId, stream.signal);
          if (body === null) {
            // Its last event was seen already.
            this.jobs.take(await this.api.get(`/v1/images/${id}`));
            break;
          }
          for await (const event of readEvents(body)) {
            lastEventId = event.id ?? lastEventId;
            pause = FIRST_PAUSE_MILLIS;
            if (this.#take(id, event)) {
              break;
            }
          }
        }
      } catch (failure) {
        if (failure.status === 401 || failure.status === 404) {
          break;
        }
        pause = Math.min(LONGEST_PAUSE_MILLIS, Math.max(pause * 2, 1_000 * (failure.retryAfter ?? 0)));
      } finally {
        release?.();
      }
      if (isOver(this.jobs.get(id))) {
        break;
      }
      await rest(pause, stream.signal);
    }
    if (this.#streams.get(id) === stream) {
      this.#streams.delete(id);
    }
  }

  /** @returns whether it was the last one */
  #take(id, { event, data }) {
    const content = readJson(data);
    switch (event) {
      case 'step':
        this.jobs.takeStep(content);
        return false;
      case 'preview':
        this.jobs.takePreview(content);
        return false;
      case 'image':
        this.jobs.takeImage(id, content);
        return false;
      case 'accepted':
      case 'started':
        this.jobs.take(content);
        return false;
      case 'terminal':
        this.jobs.take(content);
        return true;
      default:
        // An event of a later server.
        return false;
    }
  }
}

function rank(job) {
  return job.state === 'running' ? 0 : 1;
}

function rest(millis, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, millis);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** @returns a function that gives the slot back, or null when all are taken */
async function takeSlot() {
  if (!navigator.locks) {
    return () => {};
  }
  for (let slot = 0; slot < STREAMS; slot += 1) {
    const release = await tryLock(`wurstwerk.stream.${slot}`);
    if (release !== null) {
      return release;
    }
  }
  return null;
}

function tryLock(name) {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        if (lock === null) {
          resolve(null);
          return undefined;
        }
        return new Promise((release) => resolve(release));
      })
      .catch(reject);
  });
}
