/**
 * What the appliance shows: the web status page, the JSON API behind it, metrics and health. Reads
 * everything, decides nothing; what it changes on a person's behalf goes the way of every write.
 */
@NullMarked
package dev.muster.status;

import org.jspecify.annotations.NullMarked;
