/**
 * Acceptance against real accounts: whether this appliance, its config, its App and its cloud work
 * together. {@link dev.muster.fleet.acceptance.AcceptanceReconciler} goes through the steps one
 * after another, each with its own deadline; a step only looks at jobs, runners and providers, and
 * says what it waits for. Jobs are those of a {@link
 * dev.muster.fleet.acceptance.AcceptanceWorkflow}, and are recognised by their labels. Whatever
 * fails, the last step sees to it that nothing is left.
 */
@NullMarked
package dev.muster.fleet.acceptance;

import org.jspecify.annotations.NullMarked;
