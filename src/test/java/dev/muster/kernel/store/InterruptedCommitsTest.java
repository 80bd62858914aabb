package dev.muster.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.tx.TransactionStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterruptedCommitsTest {
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);

  @TempDir Path folder;

  @Test
  void commitThatACrashInterruptedIsFinishedAndNobodyWaitsForIt() throws Exception {
    Path crashed = folder.resolve("crashed");
    try (Database database = Database.open(folder.resolve("running"), d -> {})) {
      Connection connection = database.writerConnection();
      try (Statement statement = connection.createStatement()) {
        statement.execute("create table counters (name varchar primary key, n int)");
        statement.execute("insert into counters values ('a', 1), ('b', 1)");
        connection.commit();
        statement.execute("update counters set n = 2");
        crashWithinCommit(connection, Database.fileOf(crashed));
      }
      connection.rollback();
    }

    try (Database database = Database.open(crashed, d -> {})) {
      assertThat(sum(database)).isEqualTo(4);
      Connection connection = database.writerConnection();
      assertTimeoutPreemptively(
          LONG_ENOUGH,
          () -> {
            try (Statement statement = connection.createStatement()) {
              statement.execute("update counters set n = n + 1");
            }
            connection.commit();
          });
      assertThat(sum(database)).isEqualTo(6);
    }
  }

  private static long sum(Database database) {
    return database.read(read -> read.count("select sum(n) n from counters"));
  }

  /** The file as it is when the mark was written and no row was gone through. */
  private static void crashWithinCommit(Connection connection, Path file) throws Exception {
    SessionLocal session = session(connection);
    TransactionStore store = session.getDatabase().getStore().getTransactionStore();
    Method mark =
        TransactionStore.class.getDeclaredMethod("markUndoLogAsCommitted", int.class, long.class);
    mark.setAccessible(true);
    mark.invoke(store, session.getTransaction().getId(), 1L);
    session.getDatabase().getStore().getMvStore().commit();
    session.getDatabase().getStore().getMvStore().sync();
    Files.copy(Database.fileOf(file.resolveSibling("running")), file);
  }

  private static SessionLocal session(Connection connection) throws SQLException {
    return (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
  }
}
