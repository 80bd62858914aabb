package dev.muster.kernel.store;

/** An insert met a row with the same unique key. The closure may catch it and go on. */
public final class DuplicateKeyException extends StoreException {
  private static final long serialVersionUID = 1L;

  public DuplicateKeyException(String message, Throwable cause) {
    super(message, cause);
  }
}
