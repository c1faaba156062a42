package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.JobId;

/**
 * One image of one attempt of a job under one ownership. Answers carry it, so that one that comes late, for an attempt
 * that is over, is recognised.
 *
 * @param partition of the job
 * @param epoch counts the ownerships of this process
 */
public record ImageId(int partition, long epoch, JobId job, int attempt, int index) {}
