package dev.muster.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompactionTest {
  private static final int ROWS = 24_000;
  private static final int SIZE = 2_500;
  private static final int MOST_STEPS = 60;

  @TempDir private Path folder;
  @AutoClose private StoreFixture store;

  @BeforeEach
  void fillAFile() {
    store = StoreFixture.open(folder);
    store.fill(ROWS, SIZE);
  }

  @Test
  void fileShrinksWhenTheOldestRowsAreGone() {
    long before = store.database().sizeOnDisk();

    remove("id < " + ROWS * 3 / 4);
    compact();

    assertThat(store.database().sizeOnDisk()).isLessThan(before / 2);
    assertThat(left(store.database())).isEqualTo(ROWS / 4);
  }

  @Test
  void fileShrinksWhenRowsHereAndThereAreGone() {
    long before = store.database().sizeOnDisk();

    remove("mod(id, 4) <> 0");
    compact();

    assertThat(store.database().sizeOnDisk()).isLessThan(before * 2 / 3);
    assertThat(left(store.database())).isEqualTo(ROWS / 4);
  }

  @Test
  void fullFileIsLeftAlone() {
    assertThat(store.database().compact()).isFalse();
  }

  /** A copy of the file is what a process finds that starts after a {@code kill -9}. */
  @Test
  void allThatIsThereIsFoundInACopyOfTheFileAfterEachStep() throws Exception {
    remove("mod(id, 4) <> 0");

    int steps = 0;
    while (steps < MOST_STEPS && store.database().compact()) {
      Path copy = folder.resolve("copy" + steps++);
      Files.copy(Database.fileOf(folder.resolve("muster")), Database.fileOf(copy));
      try (Database crashed = Database.open(copy, d -> {})) {
        assertThat(left(crashed)).isEqualTo(ROWS / 4);
      }
      Files.delete(Database.fileOf(copy));
      anotherCommit(steps);
    }
    assertThat(steps).isPositive();
  }

  @Test
  void backupsAreWholeThatAreMadeMeanwhile() throws Exception {
    remove("mod(id, 4) <> 0");
    Thread compacting = Thread.ofPlatform().start(this::compact);

    int made = 0;
    do {
      Path zip = folder.resolve("backup" + made + ".zip");
      store.database().backupTo(zip);
      try (Database restored = Database.open(unpacked(zip), d -> {})) {
        assertThat(left(restored)).isEqualTo(ROWS / 4);
      }
      made++;
    } while (compacting.isAlive());

    compacting.join();
  }

  private Path unpacked(Path zip) throws IOException {
    Path data = folder.resolve(zip.getFileName() + "-data");
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
      in.getNextEntry();
      Files.copy(in, Database.fileOf(data));
    }
    return data;
  }

  private void remove(String which) {
    for (int from = 0; from < ROWS; from += 500) {
      int first = from;
      store.run(tx ->
          tx.update(
              "delete from filled where id >= ? and id < ? and " + which, first, first + 500));
    }
  }

  /** Steps, and commits between them, as an appliance makes. */
  private void compact() {
    int steps = 0;
    while (steps < MOST_STEPS && store.database().compact()) {
      anotherCommit(++steps);
    }
  }

  private void anotherCommit(int id) {
    store.run(tx -> tx.update("insert into filled values (?, null)", -id));
  }

  /** The rows that are whole. */
  private static long left(Database database) {
    return database.read(
        read -> read.count("select count(*) n from filled where octet_length(filling) = ?", SIZE));
  }
}
