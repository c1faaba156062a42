import { element } from './element.js';
import * as words from './job.js';
import { durationWords } from './request.js';

/** One picture, large, with everything that made it. */
export class Picture {
  constructor(jobs, actions) {
    this.jobs = jobs;
    this.actions = actions;
    this.dialog = document.getElementById('picture');
    this.pictures = () => [];
    this.dialog.addEventListener('click', (event) => {
      // A click on the dialog itself is one beside its sheet.
      if (event.target === this.dialog) {
        this.dialog.close();
      }
    });
    this.dialog.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
        event.preventDefault();
        this.#go(event.key === 'ArrowLeft' ? -1 : 1, null);
      }
    });
    this.dialog.addEventListener('close', () => this.opener?.focus());
  }

  open(job, image) {
    this.opener = document.activeElement;
    this.#show(job, image);
    this.dialog.showModal();
    this.dialog.querySelector('.close').focus();
  }

  #show(job, image) {
    this.shown = { job, image };
    const at = this.#at();
    const last = this.pictures().length - 1;
    const head = element(
      'div',
      { class: 'picture-head' },
      quiet('Newer', at <= 0, 'newer', () => this.#go(-1, '.newer')),
      quiet('Older', at === last, 'older', () => this.#go(1, '.older')),
      quiet('Close', false, 'close', () => this.dialog.close()),
    );
    this.dialog.replaceChildren(
      element(
        'div',
        { class: 'picture-sheet' },
        element('div', { class: 'picture-frame' }, element('img', { src: words.file(image).url, alt: words.prompt(job) })),
        element(
          'div',
          { class: 'picture-text' },
          head,
          element('h2', { id: 'picture-title' }, words.prompt(job)),
          this.#buttons(job, image),
          element('dl', {}, ...facts(job, image).flatMap(([name, fact]) => [
            element('dt', {}, name),
            element('dd', {}, fact),
          ])),
        ),
      ),
    );
    this.dialog.scrollTop = 0;
  }

  #buttons(job, image) {
    const act = (label, look, action) =>
      element('button', { type: 'button', class: look, on: { click: () => this.#act(action) } }, label);
    return element(
      'div',
      { class: 'actions' },
      words.isDraft(job) && act('Finish this draft', 'primary', () => this.actions.promote(job)),
      act('Again with another seed', 'secondary', () => this.actions.again(job, image)),
      act('Same settings', 'secondary', () => this.actions.sameSettings(job, image)),
      element(
        'a',
        { class: 'secondary', href: words.file(image).url, target: '_blank', rel: 'noopener noreferrer' },
        'Open the file',
      ),
    );
  }

  #act(action) {
    // The action says where the focus goes.
    this.opener = null;
    this.dialog.close();
    action();
  }

  #at() {
    const { job, image } = this.shown;
    return this.pictures().findIndex((one) => one.job.job_id === job.job_id && one.image.index === image.index);
  }

  #go(way, button) {
    const next = this.pictures()[this.#at() + way];
    if (next === undefined) {
      return;
    }
    this.#show(next.job, next.image);
    const target = button && this.dialog.querySelector(button);
    (target && !target.disabled ? target : this.dialog.querySelector('.close')).focus();
  }
}

function facts(job, image) {
  const settings = words.parameters(job);
  const steps = (count, schedule, usual) => count ?? (schedule ? `${schedule.length - 1}, own schedule` : `${usual}, the default`);
  const { total, queued } = job.timings ?? {};
  return [
    ['Steer away', settings.negative_prompt],
    ['Checkpoint', settings.prior ?? job.prior],
    ['Size', job.width ? `${job.width} × ${job.height}` : settings.width && `${settings.width} × ${settings.height}`],
    ['Guidance', settings.prior_guidance_scale],
    ['Steps', steps(settings.prior_num_inference_steps, settings.prior_timesteps, 29)],
    ['Decoder steps', steps(settings.num_inference_steps, settings.decoder_timesteps, 12)],
    ['Decoder guidance', settings.decoder_guidance_scale],
    ['Seed', image.seed],
    ['Format', words.file(image).content_type],
    ['Drawn', job.finished_at && new Date(job.finished_at).toLocaleString()],
    ['Took', total === undefined ? null : `${durationWords(total)}, ${durationWords(queued)} of them in line`],
    ['Prompt', job.prompt_truncated ? 'Only its beginning was read: it is too long for the text encoders' : null],
    ['Models', job.pipeline?.slice(0, 12)],
    ['Job', job.job_id],
  ]
    .filter(([, fact]) => fact !== undefined && fact !== null && fact !== '')
    .map(([name, fact]) => [name, String(fact)]);
}

function quiet(label, disabled, name, action) {
  return element('button', { type: 'button', class: `quiet ${name}`, disabled, on: { click: action } }, label);
}
