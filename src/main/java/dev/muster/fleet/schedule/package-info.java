/** What a pool's weekly windows want at an instant, and when that changes. */
@NullMarked
package dev.muster.fleet.schedule;

import org.jspecify.annotations.NullMarked;
