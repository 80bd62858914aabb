/**
 * Jobs: what GitHub says of them, what they ask for, how far they are. {@link
 * dev.muster.fleet.job.JobTransition} is the pure heart: every event, in whatever order, ends in a
 * true state. {@code Labels} reads what a job asks for; {@code Matching} finds who can serve it.
 * {@code RerunIntents} keeps what runs lost with their machines until it can be rerun.
 */
@NullMarked
package dev.muster.fleet.job;

import org.jspecify.annotations.NullMarked;
