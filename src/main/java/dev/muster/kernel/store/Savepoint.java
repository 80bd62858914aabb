package dev.muster.kernel.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * One savepoint that is set again and again. JDBC's own are statements that H2 parses anew for
 * each: a tenth of the writer's time.
 */
final class Savepoint implements AutoCloseable {
  private final Connection connection;
  private final PreparedStatement set;

  Savepoint(Connection connection) throws SQLException {
    this.connection = connection;
    this.set = connection.prepareStatement("SAVEPOINT CLOSURE");
  }

  /** What is done from here on can be taken back. */
  void set() throws SQLException {
    set.executeUpdate();
  }

  /** Takes back what was done since the last {@link #set()}. */
  void rollback() throws SQLException {
    try (PreparedStatement back = connection.prepareStatement("ROLLBACK TO SAVEPOINT CLOSURE")) {
      back.executeUpdate();
    }
  }

  @Override
  public void close() throws SQLException {
    set.close();
  }
}
