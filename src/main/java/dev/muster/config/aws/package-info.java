/**
 * Secrets in AWS's own stores, SSM Parameter Store and Secrets Manager, for appliances whose
 * settings switch {@code aws} on. Webhooks ask for secrets at each delivery, so that answers are
 * kept in memory for a while, and there alone. Nothing of the SDK is loaded before a secret is
 * looked for that neither the file nor the environment holds.
 */
@NullMarked
package dev.muster.config.aws;

import org.jspecify.annotations.NullMarked;
