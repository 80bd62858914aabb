package dev.muster.kernel.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.kernel.home.Home;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Facts;
import dev.muster.kernel.store.NewerDatabaseException;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.StoreFixture;
import dev.muster.kernel.store.Writer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoveryTest {
  private static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");

  @TempDir private Path folder;
  private Home home;
  private Backups backups;
  private Recovery recovery;
  private Instant now = NOW;

  @BeforeEach
  void prepare() throws IOException {
    home = new Home(folder.resolve("home"));
    home.create();
    InstantSource clock = () -> now;
    backups = new Backups(home, clock);
    recovery = new Recovery(home, backups, clock);
  }

  private Recovery.Opened use(Consumer<Database> work) throws IOException {
    Recovery.Opened opened = recovery.open();
    try (Database database = opened.database()) {
      work.accept(database);
    }
    return opened;
  }

  private static void put(Database database, String value) {
    try (Writer writer = new Writer(database, StoreFixture.UNSEALED)) {
      writer.start();
      writer.run(Priority.RECONCILE, tx -> Facts.put(tx, "what", value));
    }
  }

  private static Optional<String> get(Database database) {
    return database.read(read -> Facts.get(read, "what"));
  }

  private void damage(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    java.util.Arrays.fill(bytes, (byte) 7);
    Files.write(file, bytes);
  }

  private void backUp(Database database) {
    try {
      backups.make(database);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void wholeDatabaseIsOpenedAsItIs() throws IOException {
    use(database -> put(database, "kept"));
    Recovery.Opened again = use(database -> assertThat(get(database)).contains("kept"));
    assertThat(again.loss()).isEmpty();
  }

  @Test
  void damagedDatabaseIsMovedAsideAndTheNewestBackupTakesItsPlace() throws IOException {
    use(database -> {
      put(database, "old");
      backUp(database);
      now = NOW.plusSeconds(60);
      put(database, "in the newest backup");
      backUp(database);
      put(database, "lost");
    });
    damage(Database.fileOf(home.data()));
    Recovery.Opened opened =
        use(database -> assertThat(get(database)).contains("in the newest backup"));
    assertThat(opened.loss().orElseThrow()).contains("moved to").contains("muster-20260304T050707");
    try (var files = Files.list(home.root().resolve("data"))) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .anyMatch(name -> name.startsWith("muster.mv.db.damaged-"));
    }
  }

  @Test
  void damagedBackupIsPassedOver() throws IOException {
    use(database -> {
      put(database, "in the older backup");
      backUp(database);
      now = NOW.plusSeconds(60);
      backUp(database);
    });
    damage(backups.newestFirst().getFirst());
    damage(Database.fileOf(home.data()));
    use(database -> assertThat(get(database)).contains("in the older backup"));
  }

  @Test
  void withoutBackupTheStateBeginsAnew() throws IOException {
    use(database -> put(database, "lost"));
    damage(Database.fileOf(home.data()));
    Recovery.Opened opened = use(database -> assertThat(get(database)).isEmpty());
    assertThat(opened.loss().orElseThrow()).contains("begins anew");
  }

  @Test
  void databaseOfNewerVersionIsLeftAlone() throws IOException {
    use(database -> {
      try (Writer writer = new Writer(database, StoreFixture.UNSEALED)) {
        writer.start();
        writer.run(
            Priority.RECONCILE,
            tx ->
                tx.update(
                    """
                    insert into "flyway_schema_history" ("installed_rank", "version",
                      "description", "type", "script", "checksum", "installed_by",
                      "installed_on", "execution_time", "success")
                    values (99, '99', 'later', 'SQL', 'V99__later.sql', 1, 'x', now(), 1, true)
                    """));
      }
    });
    assertThatThrownBy(recovery::open)
        .isInstanceOf(NewerDatabaseException.class)
        .hasMessageContaining("newer version");
    assertThat(Database.fileOf(home.data())).exists();
  }

  @Test
  void machinesWithoutRecordAreSparedForTheLongestJobAfterLoss() throws IOException {
    use(database -> {
      assertThat(Recovery.reapingFrom(database)).isEqualTo(Instant.EPOCH);
      try (Writer writer = new Writer(database, StoreFixture.UNSEALED)) {
        writer.start();
        writer.run(Priority.RECONCILE, tx -> Recovery.say(tx, "lost", NOW));
      }
      assertThat(Recovery.reapingFrom(database)).isEqualTo(NOW.plus(Duration.ofHours(6)));
      assertThat(database.read(Notices::all)).hasSize(1);
    });
  }

  @Test
  void onlyTheNewestBackupsAreKept() throws IOException {
    use(database -> {
      for (int i = 0; i < Backups.KEPT + 3; i++) {
        now = NOW.plusSeconds(i);
        backUp(database);
      }
    });
    assertThat(backups.newestFirst()).hasSize(Backups.KEPT);
    assertThat(backups.newestFirst().getFirst().getFileName().toString())
        .contains("050633"); // the last of 27, one a second
  }

  @Test
  void backupHoldsTheConfigRepositoryAndNoSecrets() throws IOException {
    Files.createDirectories(home.configRepository().resolve("refs"));
    Files.writeString(home.configRepository().resolve("HEAD"), "ref: refs/heads/main");
    Files.writeString(home.secrets(), "key: secret");
    use(this::backUp);
    Home elsewhere = new Home(folder.resolve("elsewhere"));
    elsewhere.create();
    BackupArchive.extract(backups.newestFirst().getFirst(), elsewhere);
    assertThat(elsewhere.configRepository().resolve("HEAD")).hasContent("ref: refs/heads/main");
    assertThat(elsewhere.secrets()).doesNotExist();
    assertThat(Database.fileOf(elsewhere.data())).exists();
  }

  @Test
  void foreignZipIsRefused() throws IOException {
    Path zip = folder.resolve("foreign.zip");
    try (var out = new java.util.zip.ZipOutputStream(Files.newOutputStream(zip))) {
      out.putNextEntry(new java.util.zip.ZipEntry("../evil"));
      out.closeEntry();
    }
    assertThatThrownBy(() -> BackupArchive.extract(zip, home))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not a backup of Muster");
    assertThat(folder.resolve("evil")).doesNotExist();
  }
}
