package dev.muster.kernel.store;

import org.jspecify.annotations.Nullable;

/** The database file is there and cannot be opened. The way out is the newest backup. */
public final class UnreadableDatabaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnreadableDatabaseException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
