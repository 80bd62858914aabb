/**
 * The one door for all senders. A body is bounded, its signature checked over the raw bytes, and
 * one row stored that is record, queue entry and audit at once; only after that commit is the
 * sender told 202. What the event means is decided later, by the source's {@link
 * dev.muster.webhook.DeliveryHandler}, from the row.
 */
@NullMarked
package dev.muster.webhook;

import org.jspecify.annotations.NullMarked;
