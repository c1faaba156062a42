const LIMIT_MILLIS = 20_000;

/** The server has refused, and said why: RFC 9457. */
export class Problem extends Error {
  constructor(status, body, retryAfter) {
    super(body.detail ?? body.title ?? `The server answered ${status}.`);
    this.status = status;
    this.code = body.code ?? null;
    this.title = body.title ?? `The server answered ${status}.`;
    this.detail = body.detail ?? null;
    this.problems = body.problems ?? [];
    this.retryAfter = retryAfter;
  }
}

/** No answer, or not from Wurstwerk. */
export class Unreachable extends Error {}

/**
 * Reads JSON. Seeds may have 64 bits, which JavaScript's numbers have not: large ones are kept as words, which the
 * server takes as well. A quotation mark inside of a JSON string has a backslash before it, so what a prompt says
 * cannot be taken for a field.
 */
export function readJson(text) {
  return JSON.parse(text.replace(/([{,]\s*"seed"\s*:\s*)(-?\d{16,})(?=\s*[,}])/g, '$1"$2"'));
}

/** The HTTP API of the server that the page came from. */
export class Api {
  /** @param onUnauthorized called when a key is missing or wrong */
  constructor(key, onUnauthorized) {
    this.key = key;
    this.onUnauthorized = onUnauthorized;
  }

  get(path) {
    return this.#json(path, {});
  }

  post(path, body, headers = {}) {
    return this.#json(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  delete(path) {
    return this.#json(path, { method: 'DELETE' });
  }

  /** Opens an event stream; null when its last event was seen. EventSource cannot send an API key, so this is a fetch. */
  async stream(path, lastEventId, signal) {
    const headers = lastEventId === null ? {} : { 'Last-Event-ID': lastEventId };
    const answer = await this.#ask(path, { headers, signal }, 'text/event-stream');
    return answer.body;
  }

  async #json(path, options) {
    const answer = await this.#ask(
      path,
      { ...options, signal: AbortSignal.timeout(LIMIT_MILLIS) },
      'application/json, */*;q=0.5',
    );
    try {
      return readJson(await answer.text());
    } catch (failure) {
      throw new Unreachable('The answer could not be read.', { cause: failure });
    }
  }

  async #ask(path, options, accept) {
    const headers = { Accept: accept, ...options.headers };
    if (this.key.value !== null) {
      headers.Authorization = `Bearer ${this.key.value}`;
    }
    let answer;
    try {
      answer = await fetch(path, { ...options, headers, credentials: 'same-origin', cache: 'no-store' });
    } catch (failure) {
      throw new Unreachable('Wurstwerk does not answer.', { cause: failure });
    }
    if (answer.ok) {
      return answer;
    }
    const problem = await this.#problem(answer);
    if (answer.status === 401) {
      this.onUnauthorized();
    }
    throw problem;
  }

  async #problem(answer) {
    let body = {};
    try {
      body = readJson(await answer.text());
    } catch {
      // A proxy's own page, perhaps: the status is all that is known.
    }
    const seconds = Number.parseInt(answer.headers.get('Retry-After') ?? '', 10);
    return new Problem(answer.status, body, Number.isNaN(seconds) ? null : seconds);
  }
}
