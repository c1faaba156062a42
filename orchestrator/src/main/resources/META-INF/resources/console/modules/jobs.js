import { compare, file, isFurther, isOver } from './job.js';

const PAGE = 24;
const BETWEEN_LOOKS_MILLIS = 2_000;
const BETWEEN_QUIET_LOOKS_MILLIS = 5_000;
const LONGEST_PAUSE_MILLIS = 30_000;
/** URLs are taken anew this long before they run out. */
const URL_MARGIN_MILLIS = 60_000;

/**
 * The tenant's jobs as this page knows them, from three sources: the list that is looked at every few seconds, streams
 * of single jobs, and answers to what was sent. Tells `change` with the job and its state before.
 */
export class Jobs extends EventTarget {
  #byId = new Map();
  #failures = 0;
  #timer = null;
  #seenFirstPage = false;

  /** @param onReachable told true after an answer, and false with the pause in seconds after none */
  constructor(api, onReachable) {
    super();
    this.api = api;
    this.onReachable = onReachable;
    this.next = null;
  }

  /** Newest first. */
  all() {
    return [...this.#byId.values()].sort(compare);
  }

  get(id) {
    return this.#byId.get(id);
  }

  /** Takes news of a job; what is older than what is known changes nothing. */
  take(news) {
    const known = this.#byId.get(news.job_id);
    if (known === undefined) {
      const job = { previews: new Map(), ...news };
      this.#byId.set(job.job_id, job);
      this.#tell(job, null);
      return;
    }
    if (isOver(known) && !isOver(news)) {
      return;
    }
    const before = known.state;
    const images = mergeImages(known.images, news.images);
    const progress = mergeProgress(known.progress, news.progress);
    if (known.state !== news.state || news.position === undefined) {
      delete known.position;
    }
    // An answer that was under way when the job began to be drawn does not put it back in line.
    const late = known.state === 'running' && (news.state === 'submitted' || news.state === 'accepted');
    Object.assign(known, news, images && { images }, progress && { progress }, late && { state: before });
    if (isOver(known)) {
      delete known.progress;
      delete known.position;
      known.previews.clear();
    }
    this.#tell(known, before);
  }

  takeStep(step) {
    const job = this.#byId.get(step.job_id);
    if (job !== undefined && !isOver(job)) {
      const { index, stage, step: done, steps } = step;
      job.progress = mergeProgress(job.progress, [{ index, stage, step: done, steps }]);
      this.#tell(job, job.state);
    }
  }

  takePreview(preview) {
    const job = this.#byId.get(preview.job_id);
    if (job !== undefined && !isOver(job) && /^[A-Za-z0-9+/=]+$/.test(preview.data)) {
      job.previews.set(preview.index, `data:image/png;base64,${preview.data}`);
      this.#tell(job, job.state);
    }
  }

  takeImage(id, image) {
    const job = this.#byId.get(id);
    if (job !== undefined && !isOver(job)) {
      job.images = mergeImages(job.images, [image]);
      this.#tell(job, job.state);
    }
  }

  /** Submits; the answer is the job. */
  async submit(request, idempotencyKey) {
    const job = await this.api.post('/v1/images', request, { 'Idempotency-Key': idempotencyKey });
    this.take(job);
    return this.#byId.get(job.job_id);
  }

  async cancel(id) {
    const job = this.#byId.get(id);
    job.cancelling = true;
    this.#tell(job, job.state);
    try {
      this.take(await this.api.delete(`/v1/images/${id}`));
    } catch (failure) {
      job.cancelling = false;
      this.#tell(job, job.state);
      throw failure;
    }
  }

  /** Asks for one job anew, such as when a URL has run out. */
  async refresh(id) {
    const job = await this.api.get(`/v1/images/${id}`);
    const known = this.#byId.get(id);
    if (known !== undefined) {
      // Forgetting the old ones makes room for the fresh URLs.
      known.images = undefined;
    }
    this.take(job);
  }

  /** Reads the next page of older jobs. */
  async older() {
    const page = await this.api.get(`/v1/images?limit=${PAGE}&cursor=${encodeURIComponent(this.next)}`);
    this.next = page.next ?? null;
    page.jobs.forEach((job) => this.take(job));
    return page.jobs.length;
  }

  /** Looks at once, and from then on as long as the page can be seen. */
  look() {
    clearTimeout(this.#timer);
    this.#timer = null;
    void this.#lookOnce();
  }

  pause() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #lookOnce() {
    let pause = BETWEEN_QUIET_LOOKS_MILLIS;
    try {
      const page = await this.api.get(`/v1/images?limit=${PAGE}`);
      if (!this.#seenFirstPage) {
        this.#seenFirstPage = true;
        this.next = page.next ?? null;
      }
      page.jobs.forEach((job) => this.take(job));
      await this.#lookAfterStragglers(new Set(page.jobs.map((job) => job.job_id)));
      this.#failures = 0;
      this.onReachable(null);
      if ([...this.#byId.values()].some((job) => !isOver(job))) {
        pause = BETWEEN_LOOKS_MILLIS;
      }
      this.dispatchEvent(new Event('looked'));
    } catch (failure) {
      this.#failures += 1;
      if (failure.status === 401) {
        return;
      }
      pause = Math.min(LONGEST_PAUSE_MILLIS, 1_000 * 2 ** Math.min(this.#failures, 5));
      this.onReachable(failure);
    }
    if (!document.hidden && this.#timer === null) {
      this.#timer = setTimeout(() => this.look(), pause);
    }
  }

  /** Jobs that run although a whole page of newer ones came after them are asked for one by one, a few at a time. */
  async #lookAfterStragglers(listed) {
    const stragglers = [...this.#byId.values()].filter((job) => !isOver(job) && !listed.has(job.job_id)).slice(0, 4);
    for (const job of stragglers) {
      try {
        this.take(await this.api.get(`/v1/images/${job.job_id}`));
      } catch (failure) {
        if (failure.status !== 404) {
          throw failure;
        }
      }
    }
  }

  #tell(job, before) {
    this.dispatchEvent(new CustomEvent('change', { detail: { job, before } }));
  }
}

/** URLs are signed anew in every answer: the one that is shown stays while it is good, or the browser loads it again. */
function mergeImages(known, news) {
  if (known === undefined || news === undefined) {
    return news ?? known;
  }
  const soon = new Date(Date.now() + URL_MARGIN_MILLIS);
  const merged = new Map(known.map((image) => [image.index, image]));
  for (const image of news) {
    const old = merged.get(image.index);
    if (old === undefined || !isGood(file(old), file(image), soon)) {
      merged.set(image.index, image);
    }
  }
  return [...merged.values()].sort((one, other) => one.index - other.index);
}

function isGood(old, fresh, soon) {
  return old.sha256 === fresh.sha256 && old.url !== undefined && new Date(old.url_expires_at) > soon;
}

function mergeProgress(known, news) {
  if (known === undefined || news === undefined) {
    return news ?? known;
  }
  const merged = new Map(known.map((progress) => [progress.index, progress]));
  for (const progress of news) {
    const old = merged.get(progress.index);
    if (old === undefined || isFurther(progress, old)) {
      merged.set(progress.index, progress);
    }
  }
  return [...merged.values()].sort((one, other) => one.index - other.index);
}
