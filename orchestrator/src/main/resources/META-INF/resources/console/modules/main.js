import { Api } from './api.js';
import { Contract } from './contract.js';
import { Current } from './current.js';
import { say } from './element.js';
import { Gallery } from './gallery.js';
import { anySeed, isOver, prompt, sameRequest } from './job.js';
import { Jobs } from './jobs.js';
import { Key, KeyForm } from './key.js';
import { Lanes } from './lanes.js';
import { Picture } from './picture.js';
import { RequestForm } from './request.js';
import { Watch } from './watch.js';

const BETWEEN_TRIES_MILLIS = 3_000;

const said = document.getElementById('said');
const away = document.getElementById('away');
const summary = document.getElementById('summary');

const key = new Key();
// What was seen with another key was another's, perhaps.
const keyForm = new KeyForm(key, () => (form === null ? void open() : location.reload()));
const api = new Api(key, () => keyForm.ask());
const jobs = new Jobs(api, reachable);
const watch = new Watch(api, jobs);
const lanes = new Lanes(api);
let form = null;

/** For ears: what eyes see happen. */
function announce(words) {
  say(said, words);
}

function reachable(failure) {
  away.hidden = failure === null;
  if (failure !== null) {
    say(
      away,
      failure.status === undefined
        ? 'Wurstwerk does not answer. What you see is as it was; this page goes on trying.'
        : `${failure.title} This page goes on trying.`,
    );
  }
}

function complain(failure) {
  if (failure.status !== 401) {
    away.hidden = false;
    say(away, failure.message);
  }
}

const actions = {
  complain,
  putAway: () => gallery?.show(),
  cancel: (id) => jobs.cancel(id).catch(complain),
  again: (job, image) => send({ ...sameRequest(job, image), seed: anySeed() }),
  promote: (job) => send({ promote: job.job_id }),
  sameSettings: (job, image) => form.fill(sameRequest(job, image)),
};

async function send(request) {
  try {
    await form.send(request);
    document.getElementById('current-title').focus();
  } catch (failure) {
    complain(failure);
  }
}

let gallery = null;

/** Opens the desk as soon as the server says what it can draw; it may still be waiting for its models. */
async function open() {
  try {
    const [{ checkpoints }, contract] = await Promise.all([api.get('/v1/checkpoints'), Contract.read(api)]);
    if (form === null) {
      build(contract);
    }
    form.checkpoints.take(checkpoints);
    look();
  } catch (failure) {
    if (failure.status !== 401) {
      reachable(failure);
      setTimeout(() => void open(), BETWEEN_TRIES_MILLIS);
    }
  }
}

function build(contract) {
  form = new RequestForm(api, jobs, contract, announce);
  const picture = new Picture(jobs, actions);
  const current = new Current(jobs, contract, actions);
  gallery = new Gallery(jobs, current, picture, contract, actions);
  picture.pictures = () => gallery.pictures();
  jobs.addEventListener('change', ({ detail: { job, before } }) => {
    if (before !== job.state) {
      tell(job, before);
      summarise();
    }
  });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      jobs.pause();
      lanes.pause();
    } else {
      look();
    }
    watch.choose();
  });
}

function look() {
  jobs.look();
  lanes.look();
}

function tell(job, before) {
  if (before === null) {
    return;
  }
  const endings = {
    running: 'Being drawn',
    completed: 'Done',
    failed: 'Failed',
    rejected: 'Rejected',
    cancelled: 'Cancelled',
    expired: 'Not drawn in time',
  };
  if (job.state in endings) {
    announce(`${endings[job.state]}: ${prompt(job)}`);
  }
}

function summarise() {
  const open = jobs.all().filter((job) => !isOver(job));
  const drawn = open.filter((job) => job.state === 'running').length;
  const parts = [drawn > 0 && `${drawn} being drawn`, open.length > drawn && `${open.length - drawn} in line`];
  say(summary, parts.filter(Boolean).join(', '));
  document.title = open.length === 0 ? 'Wurstwerk' : `(${open.length}) Wurstwerk`;
}

void open();
