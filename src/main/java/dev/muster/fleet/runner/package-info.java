/**
 * Runners: one machine (or process) each, for one job. {@link
 * dev.muster.fleet.runner.RunnerTransition} is the pure heart, with a deadline for every state that
 * somebody has to leave; {@link dev.muster.fleet.runner.RunnerReconciler} acts when a deadline
 * passes and carries out what is intended; {@link dev.muster.fleet.runner.Launch} is the intent
 * that is stored before the cloud is called. {@link dev.muster.fleet.runner.Admissions} judges who
 * wants to enrol, {@link dev.muster.fleet.runner.RunnerDesk} answers agents. {@link
 * dev.muster.fleet.runner.InterruptedRunners} hears of machines that the cloud takes away; {@link
 * dev.muster.fleet.runner.OrphanReaper} ends those that nobody accounts for.
 */
@NullMarked
package dev.muster.fleet.runner;

import org.jspecify.annotations.NullMarked;
