/**
 * The fleet's end towards GitHub: reads its webhooks, registers runners, asks for what was missed.
 *
 * <p>What comes in: {@link dev.muster.fleet.github.GitHubSource} checks who sent a webhook, {@link
 * dev.muster.fleet.github.GitHubEventParser} says what it means. What goes out passes {@link
 * dev.muster.fleet.github.GitHubClient}, which acts as the App or as one of its installations, asks
 * conditionally, follows pages, and minds GitHub's limits. Above it stand {@link
 * dev.muster.fleet.github.GitHubRunners}, {@link dev.muster.fleet.github.GitHubJobs}, {@link
 * dev.muster.fleet.github.HookDeliveries} and {@link dev.muster.fleet.github.AppManifest}.
 *
 * <p>GitHub's reads lag behind its webhooks: nothing here is a reason to drop work on one answer.
 */
@NullMarked
package dev.muster.fleet.github;

import org.jspecify.annotations.NullMarked;
