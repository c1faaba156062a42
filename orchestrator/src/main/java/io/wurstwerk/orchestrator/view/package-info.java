/**
 * An instance's picture of all jobs, whoever works on them: fed from submissions, journal, answers and progress, kept
 * in an embedded store on disk, bounded, and thrown away without harm, because the topics can tell it again.
 */
@NullMarked
package io.wurstwerk.orchestrator.view;

import org.jspecify.annotations.NullMarked;
