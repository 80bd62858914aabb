package dev.muster.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.tx.TransactionStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurabilityTest {
  private static final int COMMITS = 150;
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);

  @TempDir Path folder;

  /** A copy of the file is what a process finds that starts after a {@code kill -9}. */
  @Test
  void whatWasForcedIsFoundInACopyOfTheFile() throws Exception {
    Random random = new Random(7);
    Path running = folder.resolve("running");
    try (Database database = Database.open(running, d -> {})) {
      Connection connection = database.writerConnection();
      try (Statement statement = connection.createStatement()) {
        statement.execute("create table forced (n int primary key, filling varbinary)");
        statement.execute("set retention_time 0"); // chunks take the place of others at once
      }
      for (int n = 0; n < COMMITS; n++) {
        add(connection, n, new byte[random.nextInt(60_000)]);
        connection.commit();
        Durability.force(connection);
        if (n % 5 == 0) {
          assertThat(newest(Database.fileOf(running), folder.resolve("copy" + n))).isEqualTo(n);
        }
      }
    }
  }

  /** H2 marks a commit in its file, and goes through the rows: the file may be written between. */
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
        markAsCommitted(connection);
        Durability.force(connection);
        Files.copy(Database.fileOf(folder.resolve("running")), Database.fileOf(crashed));
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

  private static void markAsCommitted(Connection connection) throws Exception {
    SessionLocal session = Durability.session(connection);
    Method mark = TransactionStore.class.getDeclaredMethod("markUndoLogAsCommitted", int.class);
    mark.setAccessible(true);
    mark.invoke(
        session.getDatabase().getStore().getTransactionStore(), session.getTransaction().getId());
  }

  private static long sum(Database database) {
    return database.read(read -> read.count("select sum(n) n from counters"));
  }

  private static void add(Connection connection, int n, byte[] filling) throws Exception {
    try (PreparedStatement insert =
            connection.prepareStatement("insert into forced values (?, ?)");
        PreparedStatement delete = connection.prepareStatement("delete from forced where n = ?")) {
      insert.setInt(1, n);
      insert.setBytes(2, filling);
      insert.executeUpdate();
      delete.setInt(1, n - 3);
      delete.executeUpdate();
    }
  }

  private static long newest(Path file, Path copy) throws Exception {
    Files.copy(file, Database.fileOf(copy));
    try (Database database = Database.open(copy, d -> {})) {
      return database.read(read -> read.count("select max(n) n from forced"));
    }
  }
}
