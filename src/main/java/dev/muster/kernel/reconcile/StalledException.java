package dev.muster.kernel.reconcile;

import org.jspecify.annotations.Nullable;

/**
 * It cannot succeed before its input changes: a permission, a config, a secret. It is tried again
 * when somebody makes it due, and now and then.
 */
public class StalledException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StalledException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
