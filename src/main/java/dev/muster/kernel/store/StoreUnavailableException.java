package dev.muster.kernel.store;

import org.jspecify.annotations.Nullable;

/**
 * Nothing can be made durable at the moment: the disk is full, the device fails, the writer is
 * overloaded or closing. Nothing of the refused closure was kept; trying again later is right.
 */
public final class StoreUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StoreUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
