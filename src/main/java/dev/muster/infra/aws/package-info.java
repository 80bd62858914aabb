/**
 * What there is in AWS of what a config needs. Every call here looks and changes nothing; what may
 * be written is tried by writes whose conditions cannot hold.
 */
@NullMarked
package dev.muster.infra.aws;

import org.jspecify.annotations.NullMarked;
