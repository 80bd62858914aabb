package dev.muster.kernel.store;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;

/** A real database in a folder of the test's own, with its writer. */
public final class StoreFixture implements AutoCloseable {
  /** Seals nothing: for tests of what has no audit. */
  public static final Sealer UNSEALED =
      new Sealer() {
        @Override
        public long last(Read read) {
          return 0;
        }

        @Override
        public void link(Tx tx, List<byte[]> digests) {}
      };

  private static final int FILLED_AT_ONCE = 200;

  private final Database database;
  private final Writer writer;

  private StoreFixture(Database database, Writer writer) {
    this.database = database;
    this.writer = writer;
  }

  public static StoreFixture open(Path folder) {
    return open(folder, UNSEALED);
  }

  public static StoreFixture open(Path folder, Sealer sealer) {
    Database database = Database.open(folder.resolve("muster"), existing -> {});
    Writer writer = new Writer(database, sealer);
    writer.start();
    return new StoreFixture(database, writer);
  }

  public Database database() {
    return database;
  }

  public Writer writer() {
    return writer;
  }

  public <T> T read(Function<Read, T> query) {
    return database.read(query);
  }

  public <T> T write(Function<Tx, T> work) {
    return writer.write(Priority.RECONCILE, work);
  }

  public void run(Consumer<Tx> work) {
    writer.run(Priority.RECONCILE, work);
  }

  /**
   * Rows {@code filled(id, filling)} that nothing can compress; what is removed is gone at once.
   */
  public void fill(int rows, int bytes) {
    Random random = new Random(5);
    run(tx -> {
      tx.update("set retention_time 0");
      tx.update("create table filled (id int primary key, filling varbinary)");
    });
    for (int from = 0; from < rows; from += FILLED_AT_ONCE) {
      int first = from;
      run(tx -> {
        for (int id = first; id < Math.min(rows, first + FILLED_AT_ONCE); id++) {
          byte[] filling = new byte[bytes];
          random.nextBytes(filling);
          tx.update("insert into filled values (?, ?)", id, filling);
        }
      });
    }
  }

  @Override
  public void close() {
    writer.close();
    database.close();
  }
}
