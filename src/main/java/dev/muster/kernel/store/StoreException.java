package dev.muster.kernel.store;

/** A statement that the database refused: a bug of ours, never an outage. */
public class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
