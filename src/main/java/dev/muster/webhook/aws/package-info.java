/** Deliveries that come through a queue of SQS, where no port is open to GitHub. */
@NullMarked
package dev.muster.webhook.aws;

import org.jspecify.annotations.NullMarked;
