package dev.muster.kernel.store;

/**
 * A database is whole, and this version cannot bring its schema up to date. It is as it was: the
 * way out is the version that wrote it.
 */
public final class MigrationFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  /**
   * Says what failed, and what to do.
   *
   * @param reason what the migration met, for messages that say more
   */
  public MigrationFailedException(String message, String reason, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public String reason() {
    return reason;
  }
}
