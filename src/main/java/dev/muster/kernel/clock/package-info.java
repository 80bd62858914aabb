/**
 * Time as a dependency: {@link java.time.InstantSource} says what time it is, {@link
 * dev.muster.kernel.clock.Timers} wakes someone at an instant. Both have a virtual stand-in in the
 * tests, so that a night of schedules passes in a millisecond. Only {@code Main} names the system
 * clock.
 */
@NullMarked
package dev.muster.kernel.clock;

import org.jspecify.annotations.NullMarked;
