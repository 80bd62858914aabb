/**
 * Keeps appliances of several regions in step: each writes the current state of its own aggregates,
 * one item for each, into a table that all regions have a replica of, and reads those of the
 * others. {@link dev.muster.kernel.replication.Outbox} notes what changed in the commit that
 * changes it; {@link dev.muster.kernel.replication.Replicator} writes and reads; {@link
 * dev.muster.kernel.replication.Mirror} holds what others wrote; {@link
 * dev.muster.kernel.replication.RegionLease} says which regions are there and who stands in for one
 * that is not. {@link dev.muster.kernel.replication.SharedTable} is the port; docs/adr/0021 says
 * why it is so, and 0023 what waits in a burst of deliveries.
 */
@NullMarked
package dev.muster.kernel.replication;

import org.jspecify.annotations.NullMarked;
