package dev.muster.kernel.store;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.h2.jdbcx.JdbcDataSource;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/**
 * The database file under home: opened, migrated, read beside the writer, backed up online.
 *
 * <p>After an outage (a full disk closes H2's store for good) the next use opens the file anew.
 */
public final class Database implements AutoCloseable {
  /** Those who read at a time; more wait for one to be done. */
  private static final int READERS = 16;

  /** So long an end waits for those who read. */
  private static final Duration LAST_READS = Duration.ofSeconds(5);

  /** The newest file under db/migration; a test holds it. */
  public static final String NEWEST = "13";

  /** H2's ErrorCode.TABLE_OR_VIEW_NOT_FOUND_1 and TABLE_OR_VIEW_NOT_FOUND_DATABASE_EMPTY_1. */
  private static final Set<Integer> NO_SUCH_TABLE = Set.of(42102, 42104);

  /** One that waited for a second turn while it has one could wait for ever. */
  private static final ScopedValue<Turn> TURN = ScopedValue.newInstance();

  private record Turn(Database database, Read read) {}

  private final Path file;
  private final JdbcDataSource source;
  private final Object renewal = new Object();

  private final Semaphore turns = new Semaphore(READERS, true);

  /** A backup copies the file from its beginning to its end, and must not miss what is moved. */
  private final Lock inPlace = new ReentrantLock();

  private @Nullable Readers readers;
  private @Nullable Connection writer;
  private volatile boolean closed;

  private Database(Path file) {
    this.file = file;
    this.source = new JdbcDataSource();
    // Commits are forced by the writer, so H2's own delayed write would only add a second flush.
    // The process lock on home guards the file; H2 need not poll a lock file of its own.
    // The file is compacted by us, when there is time: see Compaction.
    source.setURL(
        "jdbc:h2:file:"
            + file.toAbsolutePath()
            + ";DB_CLOSE_ON_EXIT=FALSE;FILE_LOCK=FS;CACHE_SIZE=16384;QUERY_CACHE_SIZE=96"
            + ";AUTO_COMPACT_FILL_RATE=0;DEFRAG_ALWAYS=FALSE;DB_CLOSE_DELAY=-1");
    source.setUser("muster");
    source.setPassword("");
  }

  /** Where the data lies: {@code NAME.mv.db} beside the name given. */
  public static Path fileOf(Path data) {
    return data.resolveSibling(data.getFileName() + ".mv.db");
  }

  /**
   * Opens {@code data} (a path without H2's suffix) and brings its schema up to date. A migration
   * is of a copy, which takes the file's place when all of it is done: one that fails, or is
   * killed, leaves the file to the version that wrote it.
   *
   * @param beforeMigration runs when an existing database is about to be migrated: the place for a
   *     backup
   * @throws NewerDatabaseException when a newer version wrote it
   * @throws MigrationFailedException when the file is whole and cannot be migrated
   * @throws StoreUnavailableException when the machine, and not the file, is what is wrong
   * @throws UnreadableDatabaseException when the file cannot be opened or does not hold our schema
   */
  public static Database open(Path data, Consumer<Database> beforeMigration) {
    Database database = new Database(data);
    boolean existed = Files.exists(fileOf(data));
    boolean opened = false;
    try {
      Files.createDirectories(data.toAbsolutePath().getParent());
      database.migrate(existed, beforeMigration);
      opened = true;
      return database;
    } catch (SQLException | FlywayException | IllegalStateException | MVStoreException e) {
      if (Failures.environmental(e)) {
        throw new StoreUnavailableException(
            "The database %s cannot be used now (%s); see that no other program has it open, that this user may write to it, and that the disk has room"
                .formatted(fileOf(data), Failures.innermost(e)),
            e);
      }
      throw new UnreadableDatabaseException(
          "Cannot open the database %s (%s)".formatted(fileOf(data), Failures.innermost(e)), e);
    } catch (IOException e) {
      throw new StoreUnavailableException(
          "Cannot write to the folder %s (%s); see that this user may, and that the disk has room"
              .formatted(data.getParent(), e),
          e);
    } finally {
      if (!opened) {
        database.close();
      }
    }
  }

  private void migrate(boolean existed, Consumer<Database> beforeMigration)
      throws SQLException, IOException {
    if (existed && current()) {
      return;
    }
    Flyway flyway = flyway();
    MigrationInfoService info = flyway.info();
    for (MigrationInfo applied : info.applied()) {
      switch (applied.getState()) {
        case FUTURE_SUCCESS, FUTURE_FAILED ->
            throw new NewerDatabaseException(
                "The database %s was written by a newer version of Muster (schema %s); use that version, or restore a backup of this one"
                    .formatted(fileOf(file), applied.getVersion()));
        case FAILED ->
            // Earlier versions migrated the file itself: what is in it is between two schemas.
            throw new UnreadableDatabaseException(
                "The database %s was left half migrated to schema %s"
                    .formatted(fileOf(file), applied.getVersion()),
                null);
        default -> {}
      }
    }
    if (info.pending().length == 0) {
      return;
    }
    MigrationInfo before = info.current();
    if (existed && before != null) {
      beforeMigration.accept(this);
      try {
        shutDown();
      } catch (SQLException e) {
        throw Failures.of("be closed before its migration", e);
      }
      migrateCopy(String.valueOf(before.getVersion()));
    } else {
      flyway.migrate();
    }
  }

  private Flyway flyway() {
    return Flyway.configure(Database.class.getClassLoader())
        .dataSource(source)
        .locations("classpath:db/migration")
        .communityDBSupportEnabled(false)
        .load();
  }

  private void migrateCopy(String before) throws IOException {
    Database copy = new Database(file.resolveSibling(file.getFileName() + ".migrating"));
    Path copied = fileOf(copy.file);
    try {
      Files.copy(fileOf(file), copied, StandardCopyOption.REPLACE_EXISTING);
      copy.migrateInPlace(before, fileOf(file));
      Files.move(copied, fileOf(file), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      copy.close();
      Files.deleteIfExists(copied);
      // H2 writes down there what it refused.
      Files.deleteIfExists(copy.file.resolveSibling(copy.file.getFileName() + ".trace.db"));
    }
  }

  /** What is on disk afterwards is all of it: the file is as it will be after it was moved. */
  private void migrateInPlace(String before, Path original) {
    try {
      flyway().migrate();
    } catch (FlywayException e) {
      if (Failures.environmental(e) || Failures.damage(e)) {
        throw e;
      }
      String reason = Failures.innermost(e);
      throw new MigrationFailedException(
          "The migration of the database %s from schema %s to %s failed (%s); nothing was changed: run the version of Muster that wrote it, and report this"
              .formatted(original, before, NEWEST, reason),
          reason,
          e);
    }
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      Durability.force(connection);
      statement.execute("SHUTDOWN IMMEDIATELY"); // any other would write to it once more
      closed = true;
    } catch (SQLException e) {
      throw Failures.of("be written whole after its migration", e);
    }
  }

  /**
   * Whether the newest migration was the last one applied. Flyway takes a tenth of a second to say
   * so, a fifth of the whole start, and most starts find nothing to migrate.
   */
  private boolean current() throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement();
        ResultSet last =
            statement.executeQuery(
                """
                select "version" from "flyway_schema_history"
                where "installed_rank" = (select max("installed_rank") from "flyway_schema_history")
                  and "success"
                """)) {
      return last.next() && NEWEST.equals(last.getString(1));
    } catch (SQLException e) {
      if (NO_SUCH_TABLE.contains(e.getErrorCode())) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Runs {@code query} on one state of what has been committed: each of its queries sees the same,
   * and nothing that is committed meanwhile. A read within a read is part of it.
   */
  public <T> T read(Function<Read, T> query) {
    if (TURN.isBound() && TURN.get().database() == this) {
      return query.apply(TURN.get().read());
    }
    if (closed) {
      throw Failures.of("open a connection for reading", ended());
    }
    turns.acquireUninterruptibly();
    try {
      return readers()
          .read(connection -> {
            Read read = new Read(connection);
            return ScopedValue.where(TURN, new Turn(this, read)).call(() -> query.apply(read));
          });
    } catch (SQLException e) {
      throw Failures.of("open a connection for reading", e);
    } finally {
      turns.release();
    }
  }

  /** The writer's connection, opened at first use and after a failure. */
  Connection writerConnection() throws SQLException {
    synchronized (renewal) {
      Connection open = writer;
      if (open == null) {
        if (closed) {
          throw ended();
        }
        open = source.getConnection();
        open.setAutoCommit(false);
        writer = open;
      }
      return open;
    }
  }

  private Readers readers() throws SQLException {
    synchronized (renewal) {
      Readers open = readers;
      if (open == null) {
        if (closed) {
          throw ended();
        }
        open = new Readers(source);
        readers = open;
      }
      return open;
    }
  }

  /** H2's ErrorCode.DATABASE_IS_CLOSED. */
  private static SQLException ended() {
    return new SQLException("The database is closed", "90098", 90098);
  }

  /** Drops every connection, so that the next use opens the file again. */
  void renewAfterFailure() {
    synchronized (renewal) {
      Readers reading = readers;
      readers = null;
      if (reading != null) {
        reading.dispose();
      }
      Connection open = writer;
      writer = null;
      if (open == null) {
        return;
      }
      try {
        open.rollback();
        open.close();
      } catch (SQLException e) {
        log().log(Level.DEBUG, "Closing the failed connection failed too, as expected", e);
      }
    }
  }

  /** Writes an online backup of the data (a zip that holds the database file) to {@code zip}. */
  public void backupTo(Path zip) {
    inPlace.lock();
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("BACKUP TO '" + zip.toAbsolutePath().toString().replace("'", "''") + "'");
    } catch (SQLException e) {
      throw Failures.of("back up to " + zip, e);
    } finally {
      inPlace.unlock();
    }
  }

  /**
   * Takes a step, short enough that a write may wait for it, towards a file without what is gone.
   *
   * @return whether there was something to do; there may be more
   */
  public boolean compact() {
    inPlace.lock();
    try {
      return read(read -> Compaction.step(read.connection));
    } finally {
      inPlace.unlock();
    }
  }

  /**
   * Reads every row, which may take a while: H2 opens a file with damaged pages, and complains when
   * they are read.
   *
   * @throws UnreadableDatabaseException when some of it cannot be read
   */
  public void readAll() {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("set lazy_query_execution 1"); // or it gathers a table before the first row
      List<String> tables = new ArrayList<>();
      try (ResultSet names =
          statement.executeQuery(
              "select table_name from information_schema.tables where table_schema = 'PUBLIC'")) {
        while (names.next()) {
          tables.add(names.getString(1));
        }
      }
      for (String table : tables) {
        try (ResultSet rows = statement.executeQuery("select * from \"" + table + "\"")) {
          readRows(rows);
        }
      }
    } catch (SQLException e) {
      throw new UnreadableDatabaseException(
          "Cannot read all of the database %s (%s)".formatted(fileOf(file), Failures.innermost(e)),
          e);
    }
  }

  /** As text, so that what lies outside of the rows is read too. */
  private static void readRows(ResultSet rows) throws SQLException {
    int columns = rows.getMetaData().getColumnCount();
    while (rows.next()) {
      for (int i = 1; i <= columns; i++) {
        rows.getString(i);
      }
    }
  }

  /** Bytes that the database file takes on disk. */
  public long sizeOnDisk() {
    try {
      return Files.size(fileOf(file));
    } catch (IOException e) {
      throw new StoreUnavailableException("Cannot see the database file " + fileOf(file), e);
    }
  }

  /** Waits for those who read, for a while: what opens a connection later opens the file again. */
  @Override
  public void close() {
    synchronized (renewal) {
      if (closed) {
        return;
      }
      closed = true;
    }
    boolean quiet = awaitReaders();
    try {
      shutDown();
    } catch (SQLException e) {
      log().log(Level.DEBUG, "The database closed itself before we did", e);
    } finally {
      if (quiet) {
        turns.release(READERS); // whoever waits still is told that it is closed
      }
    }
  }

  private boolean awaitReaders() {
    try {
      return turns.tryAcquire(READERS, LAST_READS.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void shutDown() throws SQLException {
    renewAfterFailure();
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SHUTDOWN");
    }
  }

  /** No constant: a database opens beside the search for who takes the log. */
  private static System.Logger log() {
    return System.getLogger(Database.class.getName());
  }
}
