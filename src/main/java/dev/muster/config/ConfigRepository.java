package dev.muster.config;

import java.util.Optional;

/**
 * Where the config comes from. A call may take as long as its network timeout.
 *
 * <p>Failures that time may mend are {@link dev.muster.kernel.reconcile.TransientException}s.
 */
public interface ConfigRepository extends AutoCloseable {
  /** For people, without credentials: {@code embedded} or a URL. */
  String source();

  /** Whether changes have to be asked for. */
  boolean remote();

  /** The newest commit of the config branch, cheaply; empty while there is none. */
  Optional<String> head();

  /** The files of a commit that {@link #head} named. */
  Commit read(String id);

  /** A commit's description and files. */
  record Commit(Revision revision, ConfigTree tree) {}

  /** Lets go of its files. */
  @Override
  void close();
}
