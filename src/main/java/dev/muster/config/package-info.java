/**
 * From a tree of YAML files to a validated {@link dev.muster.config.Snapshot}, or to every {@link
 * dev.muster.config.Problem} in it at once. A config is accepted whole or rejected whole; see
 * {@link dev.muster.config.LoadResult}.
 *
 * <p>A {@link dev.muster.config.Key} is the only place that knows a key: its name, the {@link
 * dev.muster.config.Shape} of its value, its default, an example and its meaning. From the keys
 * come the check, the JSON Schema and the table in {@code docs/configuration.md}. A capability's
 * keys belong to the capability, which contributes a {@link dev.muster.config.Section}.
 *
 * <p>Loading has three steps. {@link dev.muster.config.YamlReader} makes nodes with places of a
 * file; shapes make {@link dev.muster.config.Fields} of nodes, a wrong value being reported and
 * absent; sections check across keys and, when nothing at all was wrong, build their form.
 */
@NullMarked
package dev.muster.config;

import org.jspecify.annotations.NullMarked;
