package dev.muster.cli;

/**
 * Ends a command with one line on stderr that says what, which object, and the way out.
 *
 * <p>Exit codes: 1 the answer is no, 2 wrong use or unreadable input, which a home is too that this
 * version or this machine cannot open, 3 the appliance cannot be reached.
 */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public static final int NO = 1;
  public static final int UNUSABLE = 2;
  public static final int UNREACHABLE = 3;

  private final int exitCode;

  public Failure(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }
}
