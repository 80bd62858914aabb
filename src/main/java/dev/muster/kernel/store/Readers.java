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
  /** A plan is made for the tables as they are then: after so many reads it is made anew. */
  private static final int MOST_READS = 1_000;

  private record Kept(Connection connection, int reads) {}

  private final DataSource source;
  private final Deque<Kept> idle = new ArrayDeque<>();
  private boolean disposed;

  Readers(DataSource source) {
    this.source = source;
  }

  /** Runs {@code query} in a transaction of its own. After a failure its connection is not kept. */
  <T> T read(Function<Connection, T> query) throws SQLException {
    Kept reader = take();
    boolean kept = false;
    try {
      T result = query.apply(reader.connection());
      reader.connection().commit();
      kept = keep(new Kept(reader.connection(), reader.reads() + 1));
      return result;
    } finally {
      if (!kept) {
        close(reader);
      }
    }
  }

  /** The one that was used last has planned the most. */
  private Kept take() throws SQLException {
    synchronized (idle) {
      Kept last = idle.poll();
      if (last != null) {
        return last;
      }
    }
    Connection fresh = source.getConnection();
    fresh.setAutoCommit(false);
    // H2's own level: with the standard's, each table would be as it is when it is first read.
    fresh.setTransactionIsolation(Constants.TRANSACTION_SNAPSHOT);
    return new Kept(fresh, 0);
  }

  private boolean keep(Kept reader) {
    synchronized (idle) {
      boolean more = !disposed && reader.reads() < MOST_READS;
      if (more) {
        idle.push(reader);
      }
      return more;
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

  private static void close(Kept reader) {
    try {
      reader.connection().close();
    } catch (SQLException e) {
      // No constant: a database opens beside the search for who takes the log.
      System.getLogger(Readers.class.getName())
          .log(Level.DEBUG, "Closing a connection failed, as it does after an outage", e);
    }
  }
}
