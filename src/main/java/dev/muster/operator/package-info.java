/**
 * The operator's hand: what people change besides the config. Every operation needs an admin token,
 * is one transaction, and leaves a line in the audit.
 */
@NullMarked
package dev.muster.operator;

import org.jspecify.annotations.NullMarked;
