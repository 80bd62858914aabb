/**
 * Machines of Amazon EC2. A launch is one {@code CreateFleet} over every instance type and subnet
 * that fits; what exactly was asked is stored before it is asked, so that the same launch can be
 * repeated word for word. Nothing is built before a runner of EC2 is wanted, nor {@link
 * dev.muster.fleet.compute.ec2.InterruptionQueue} where the settings name none.
 */
@NullMarked
package dev.muster.fleet.compute.ec2;

import org.jspecify.annotations.NullMarked;
