/** What every HTTP route shares: signatures, the one error shape, bounded bodies, who is asking. */
@NullMarked
package dev.muster.kernel.http;

import org.jspecify.annotations.NullMarked;
