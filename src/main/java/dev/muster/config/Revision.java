package dev.muster.config;

import java.time.Instant;

/**
 * One commit of the config repository, or a tree on disk.
 *
 * @param id the commit's full hexadecimal name, or {@code worktree} for files on disk
 * @param source where it came from, without credentials: {@code embedded} or a URL
 * @param author {@code Name <address>} of the commit
 * @param message the commit message's first line
 */
public record Revision(
    String id, String source, String author, String message, Instant committedAt) {
  /** The usual abbreviation, for people. */
  public String brief() {
    return id.length() <= 10 ? id : id.substring(0, 10);
  }
}
