/** What can be said of a job, from its JSON alone. */

const OVER = new Set(['completed', 'failed', 'rejected', 'cancelled', 'expired']);
const STAGES = ['queued', 'text', 'stage_c', 'stage_b', 'stage_a', 'upload'];
/** How much of an image's way is behind it where a stage begins: Stage C and Stage B take nearly all of it. */
const BEGINNINGS = { queued: 0, text: 0, stage_c: 0.02, stage_b: 0.68, stage_a: 0.95, upload: 0.98 };
const ENDS = { queued: 0, text: 0.02, stage_c: 0.68, stage_b: 0.95, stage_a: 0.98, upload: 1 };
/** Fields that belong to one sending, not to the picture. */
const OF_THE_SENDING = new Set(['deadline', 'draft', 'promote']);

export function isOver(job) {
  return OVER.has(job.state);
}

export function parameters(job) {
  return job.request?.parameters ?? {};
}

export function prompt(job) {
  return parameters(job).prompt ?? 'A job whose prompt is not known';
}

export function imageCount(job) {
  return parameters(job).num_images_per_prompt ?? job.images?.length ?? 1;
}

export function isDraft(job) {
  return job.state === 'completed' && job.draft === true;
}

/** The file that shows an image: itself, or of a draft its preview. */
export function file(image) {
  return image.url === undefined && image.preview ? image.preview : image;
}

/** Whether `one` is further on than `other`. */
export function isFurther(one, other) {
  const stage = STAGES.indexOf(one.stage) - STAGES.indexOf(other.stage);
  return stage === 0 ? one.step >= other.step : stage > 0;
}

/** From 0 to 1. */
export function share(progress) {
  const begin = BEGINNINGS[progress.stage] ?? 0;
  return begin + ((ENDS[progress.stage] ?? begin) - begin) * Math.min(1, progress.step / progress.steps);
}

export function progressWords(progress) {
  const count = `step ${progress.step} of ${progress.steps}`;
  switch (progress.stage) {
    case 'text':
      return 'reading the prompt';
    case 'stage_c':
      return `Stage C, ${count}`;
    case 'stage_b':
      return `Stage B, ${count}`;
    case 'stage_a':
      return 'Stage A';
    case 'upload':
      return 'being stored';
    default:
      return 'waiting for its turn';
  }
}

export function stateWords(job) {
  if (!isOver(job) && job.cancelling) {
    return 'Stopping';
  }
  switch (job.state) {
    case 'submitted':
      return 'Sent';
    case 'accepted':
      return positionWords(job.position);
    case 'running':
      return 'Being drawn';
    case 'waiting':
      return job.waiting_for === 'store' ? 'Waiting for the store' : 'Waiting for the models';
    case 'completed':
      return isDraft(job) ? 'Draft is there' : 'Done';
    case 'failed':
      return 'Failed';
    case 'rejected':
      return 'Rejected';
    case 'cancelled':
      return 'Cancelled';
    case 'expired':
      return 'Not drawn in time';
    default:
      return job.state;
  }
}

function positionWords(position) {
  if (position === undefined) {
    return 'In line';
  }
  return position === 0 ? 'Next in line' : `In line, ${position} before it`;
}

export function settingsWords(job) {
  const settings = parameters(job);
  return [
    settings.width && settings.height ? `${settings.width} × ${settings.height}` : null,
    settings.prior ?? null,
    settings.prior_guidance_scale === undefined ? null : `guidance ${settings.prior_guidance_scale}`,
    settings.seed === undefined ? null : `seed ${settings.seed}`,
  ]
    .filter((words) => words !== null)
    .join(' · ');
}

/**
 * A request that draws the job's picture again, or the picture of one of its images.
 *
 * @param image one of the job's images, or null for all of them
 */
export function sameRequest(job, image) {
  const request = Object.fromEntries(
    Object.entries(parameters(job)).filter(([name, value]) => !OF_THE_SENDING.has(name) && value !== null),
  );
  if (image !== null) {
    request.seed = image.seed;
    request.num_images_per_prompt = 1;
  }
  if (request.seed !== undefined) {
    request.seed = String(request.seed);
  }
  // Quality is told, perhaps, but not allowed with a format that has none.
  if (request.output_format === 'png') {
    delete request.output_quality;
  }
  return request;
}

/** 32 bits, which is all that the noise takes from a seed. */
export function anySeed() {
  return String(crypto.getRandomValues(new Uint32Array(1))[0]);
}

/** Newest first; the same order everywhere. */
export function compare(one, other) {
  return (other.submitted_at ?? '').localeCompare(one.submitted_at ?? '') || one.job_id.localeCompare(other.job_id);
}
