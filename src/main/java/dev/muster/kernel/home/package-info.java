/**
 * The folder that holds everything of one appliance, the lock that keeps a second process out of
 * it, and the settings that belong to the machine and not to the config.
 */
@NullMarked
package dev.muster.kernel.home;

import org.jspecify.annotations.NullMarked;
