/**
 * Config from git: the embedded repository with its door for the real git client, and remote
 * repositories that are pulled. The only place that knows JGit.
 */
@NullMarked
package dev.muster.config.git;

import org.jspecify.annotations.NullMarked;
