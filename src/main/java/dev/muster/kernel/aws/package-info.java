/** How this appliance gets into AWS: one set of connections and credentials for all clients. */
@NullMarked
package dev.muster.kernel.aws;

import org.jspecify.annotations.NullMarked;
