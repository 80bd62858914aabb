package dev.muster.kernel.store;

import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;
import javax.sql.DataSource;
import org.h2.engine.Constants;

/**
 * Connections for reading, kept for the next. H2 forgets the queries that a connection has planned
 * with each rollback, and its own pool rolls back whatever is given back: to plan them anew takes
 * as long as to run them.
 */
final class Readers {
  private final DataSource source;
  private final Deque<Connection> idle = new ArrayDeque<>();
  private boolean disposed;

  Readers(DataSource source) {
    this.source = source;
  }

  /** Runs {@code query} in a transaction of its own. After a failure its connection is not kept. */
  <T> T read(Function<Connection, T> query) throws SQLException {
    Connection connection = take();
    boolean kept = false;
    try {
      T result = query.apply(connection);
      connection.commit();
      kept = keep(connection);
      return result;
    } finally {
      if (!kept) {
        close(connection);
      }
    }
  }

  /** The one that was used last has planned the most. */
  private Connection take() throws SQLException {
    synchronized (idle) {
      Connection last = idle.poll();
      if (last != null) {
        return last;
      }
    }
    Connection fresh = source.getConnection();
    fresh.setAutoCommit(false);
    // H2's own level: with the standard's, each table would be as it is when it is first read.
    fresh.setTransactionIsolation(Constants.TRANSACTION_SNAPSHOT);
    return fresh;
  }

  private boolean keep(Connection connection) {
    synchronized (idle) {
      if (!disposed) {
        idle.push(connection);
      }
      return !disposed;
    }
  }

  /** Closes those that nobody uses; the others are closed after their use. */
  void dispose() {
    synchronized (idle) {
      disposed = true;
      idle.forEach(Readers::close);
      idle.clear();
    }
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      // No constant: a database opens beside the search for who takes the log.
      System.getLogger(Readers.class.getName())
          .log(Level.DEBUG, "Closing a connection failed, as it does after an outage", e);
    }
  }
}
