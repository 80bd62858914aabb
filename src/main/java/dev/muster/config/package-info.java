/**
 * From a tree of YAML files to a validated {@link dev.muster.config.Snapshot}, or to every {@link
 * dev.muster.config.Problem} in it at once. A capability's keys belong to the capability: it
 * contributes a {@link dev.muster.config.Section}, from whose one description come the check, the
 * JSON Schema and the table in {@code docs/configuration.md}. A config is accepted whole or
 * rejected whole; see {@link dev.muster.config.LoadResult}.
 */
@NullMarked
package dev.muster.config;

import org.jspecify.annotations.NullMarked;
