/**
 * The fleet across regions: what of it the regions tell each other ({@code *Replica}), where each
 * job and pool is at home ({@link dev.muster.fleet.region.RegionalHomes}), and what becomes of jobs
 * of which another region knows more ({@link dev.muster.fleet.region.RegionalJobs}) or that a
 * silent region left waiting ({@link dev.muster.fleet.region.TakeoverReconciler}).
 */
@NullMarked
package dev.muster.fleet.region;

import org.jspecify.annotations.NullMarked;
