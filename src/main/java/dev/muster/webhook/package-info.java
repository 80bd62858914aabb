/**
 * The one door for all senders. A body is bounded, its signature checked over the raw bytes, and
 * one row stored that is record, queue entry and audit at once; only after that commit is the
 * sender told 202. What the event means is the matter of the source's {@link
 * dev.muster.webhook.DeliveryHandler}: it is applied after that commit, in the order of arrival. A
 * body of the usual size is read but once, when its shape is checked, and what it means kept in
 * memory for that moment; the row is what counts, and is read where that is not so.
 */
@NullMarked
package dev.muster.webhook;

import org.jspecify.annotations.NullMarked;
