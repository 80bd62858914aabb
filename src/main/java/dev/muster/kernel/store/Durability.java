package dev.muster.kernel.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;

/**
 * Puts what was committed on the disk. H2's {@code CHECKPOINT SYNC} alone does not: it writes by
 * two queues in the background, and where its own housekeeping has queued our commit first, a
 * checkpoint finds nothing left to store and syncs a file in which the commit is not yet.
 */
final class Durability {
  private Durability() {}

  /** All that was committed before is on the disk when this returns. */
  static void force(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CHECKPOINT"); // queues what nobody has queued yet
    }
    MVStore store = store(connection);
    try {
      store.executeFilestoreOperation(store::sync); // runs when both queues are empty
    } catch (MVStoreException e) {
      throw new SQLException("The database file cannot be synced: " + e.getMessage(), e);
    }
  }

  static MVStore store(Connection connection) throws SQLException {
    return session(connection).getDatabase().getStore().getMvStore();
  }

  static SessionLocal session(Connection connection) throws SQLException {
    return (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
  }
}
