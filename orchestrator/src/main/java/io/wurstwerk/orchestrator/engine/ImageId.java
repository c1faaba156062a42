package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.JobId;

/**
 * One request for one image of one attempt of a job under one ownership. Answers carry it, so that one that comes late
 * or twice is recognised.
 *
 * @param partition of the job
 * @param epoch counts the ownerships of this process
 * @param request counts what was ordered for the image
 */
public record ImageId(int partition, long epoch, JobId job, int attempt, int index, int request) {}
