package dev.muster.kernel.store;

/** A newer version wrote this database. It is whole; only this version cannot use it. */
public final class NewerDatabaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public NewerDatabaseException(String message) {
    super(message);
  }
}
