package dev.muster.kernel.store;

import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;

/** Sorts what JDBC throws by who can act on it. */
final class Failures {
  /** H2's ErrorCode.DUPLICATE_KEY_1. */
  private static final int DUPLICATE_KEY = 23505;

  /** H2's ErrorCode.DATABASE_ALREADY_OPEN_1. */
  private static final int IN_USE = 90020;

  /** H2's ErrorCode.FILE_CORRUPTED_1. */
  private static final int FILE_CORRUPTED = 90030;

  private Failures() {}

  static RuntimeException of(String operation, SQLException e) {
    if (e instanceof SQLIntegrityConstraintViolationException
        && e.getErrorCode() == DUPLICATE_KEY) {
      return new DuplicateKeyException("The database holds this key already: " + operation, e);
    }
    if (outage(e)) {
      return new StoreUnavailableException(
          "The database cannot "
              + operation
              + " ("
              + e.getMessage()
              + "); check the disk under home",
          e);
    }
    return new StoreException("The database refused to " + operation + ": " + e.getMessage(), e);
  }

  /** Whether a failure to open is the machine's and not the file's: no room, no right, in use. */
  static boolean environmental(Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      boolean inUse = e instanceof SQLException sql && sql.getErrorCode() == IN_USE;
      boolean refused =
          e instanceof java.nio.file.AccessDeniedException
              || String.valueOf(e.getMessage()).contains("No space left on device");
      if (inUse || refused) {
        return true;
      }
    }
    return false;
  }

  /** Whether what is in the file is not what was written to it. */
  static boolean damage(Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      boolean found = e instanceof SQLException sql && sql.getErrorCode() == FILE_CORRUPTED;
      boolean met =
          e instanceof MVStoreException store
              && store.getErrorCode() == DataUtils.ERROR_FILE_CORRUPT;
      if (found || met) {
        return true;
      }
    }
    return false;
  }

  /** What the innermost of the failures says, in one line: those around it add tables to it. */
  static String innermost(Throwable failure) {
    Throwable e = failure;
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      e = cause;
    }
    return String.valueOf(e.getMessage()).strip().replaceAll("\\s+", " ");
  }

  /**
   * H2 error codes for a file that cannot be written or a store that closed itself after such a
   * failure (org.h2.api.ErrorCode: 90028 IO_EXCEPTION_1, 90031 IO_EXCEPTION_2, 90098
   * DATABASE_IS_CLOSED, 90007 OBJECT_CLOSED, 90121 DATABASE_CALLED_AT_SHUTDOWN, 90100
   * NO_DISK_SPACE_AVAILABLE, 50000 GENERAL_ERROR with an MVStoreException inside, 90067
   * CONNECTION_BROKEN_1).
   */
  static boolean outage(SQLException e) {
    return switch (e.getErrorCode()) {
      case 90028, 90031, 90098, 90007, 90121, 90100, 90067, 90030 -> true;
      case 50000 -> e.getCause() instanceof MVStoreException;
      default -> false;
    };
  }
}
