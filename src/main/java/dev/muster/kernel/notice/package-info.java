/** What needs a person's attention until it is settled; shown at the top of the status page. */
@NullMarked
package dev.muster.kernel.notice;

import org.jspecify.annotations.NullMarked;
