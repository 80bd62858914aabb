/**
 * The fleet's end towards GitHub: reads its webhooks, registers runners, asks for what was missed.
 */
@NullMarked
package dev.muster.fleet.github;

import org.jspecify.annotations.NullMarked;
