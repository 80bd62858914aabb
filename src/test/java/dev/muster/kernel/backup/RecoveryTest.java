package dev.muster.kernel.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.kernel.home.Home;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Facts;
import dev.muster.kernel.store.MigrationFailedException;
import dev.muster.kernel.store.NewerDatabaseException;
import dev.muster.kernel.store.OldSchema;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.StoreFixture;
import dev.muster.kernel.store.Writer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoveryTest {
  private static final String BEFORE_NEWEST = String.valueOf(Integer.parseInt(Database.NEWEST) - 1);
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

  /** H2 opens such a file, and refuses what it reads of it later. */
  @Test
  void backupThatOpensAndCannotBeReadWholeIsPassedOver() throws Exception {
    Random random = new Random(1);
    use(database -> {
      put(database, "in the older backup");
      backUp(database);
      try (Writer writer = new Writer(database, StoreFixture.UNSEALED)) {
        writer.start();
        for (int i = 0; i < 300; i++) {
          byte[] filling = new byte[1_500];
          random.nextBytes(filling);
          String name = "filling " + i;
          writer.run(
              Priority.RECONCILE, tx -> Facts.put(tx, name, HexFormat.of().formatHex(filling)));
        }
      }
    });
    Path file = Database.fileOf(home.data());
    byte[] bytes = Files.readAllBytes(file);
    int page = 4096;
    int middle = bytes.length / 2 / page * page;
    java.util.Arrays.fill(bytes, middle, middle + 8 * page, (byte) 7);
    Files.write(file, bytes);
    Path damaged = backUp(home.data(), NOW.plusSeconds(60));
    damage(file);

    Recovery.Opened opened =
        use(database -> assertThat(get(database)).contains("in the older backup"));

    assertThat(opened.loss().orElseThrow()).doesNotContain(damaged.getFileName().toString());
    assertThat(damaged).as("kept for whoever can read it").exists();
  }

  @Test
  void truncatedBackupIsPassedOver() throws Exception {
    use(database -> {
      put(database, "in the older backup");
      backUp(database);
      now = NOW.plusSeconds(60);
      backUp(database);
    });
    Path newest = backups.newestFirst().getFirst();
    byte[] bytes = Files.readAllBytes(newest);
    Files.write(newest, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    damage(Database.fileOf(home.data()));
    Recovery.Opened opened =
        use(database -> assertThat(get(database)).contains("in the older backup"));
    assertThat(opened.loss().orElseThrow()).contains("muster-20260304T050607.000Z.zip");
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

  /** An index of the newest migration is there already, so that it fails. */
  private static void makeUnmigratable(Path data) throws SQLException {
    OldSchema.make(
        data,
        BEFORE_NEWEST,
        "insert into fact values ('what', 'old')",
        "create index registration_runner on registration (runner)");
  }

  /** A backup as an earlier version made it. */
  private Path backUp(Path data, Instant at) throws IOException {
    Files.createDirectories(home.backups());
    String time = at.toString().replaceAll("[-:]", "").replace("Z", ".000Z");
    Path zip = home.backups().resolve("muster-" + time + ".zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      out.putNextEntry(new ZipEntry("data/muster.mv.db"));
      Files.copy(Database.fileOf(data), out);
      out.closeEntry();
    }
    return zip;
  }

  private Path older(String name, Instant at, String... statements) throws Exception {
    Path data = folder.resolve(name);
    OldSchema.make(data, BEFORE_NEWEST, statements);
    return backUp(data, at);
  }

  @Test
  void migrationThatFailsLeavesTheDatabaseToTheVersionThatWroteIt() throws Exception {
    makeUnmigratable(home.data());
    for (int i = 1; i <= Backups.KEPT; i++) {
      Files.createDirectories(home.backups());
      Files.createFile(home.backups().resolve("muster-20260101T0000%02d.000Z.zip".formatted(i)));
    }
    for (int start = 0; start < 3; start++) {
      now = NOW.plusSeconds(start);
      assertThatThrownBy(recovery::open)
          .isInstanceOf(MigrationFailedException.class)
          .hasMessageContaining("from schema " + BEFORE_NEWEST + " to " + Database.NEWEST)
          .hasMessageContaining("run the version of Muster that wrote it")
          .hasMessageContaining(backups.newestFirst().getFirst().toString())
          .message()
          .hasLineCount(1);
    }
    assertThat(OldSchema.version(home.data())).isEqualTo(BEFORE_NEWEST);
    assertThat(OldSchema.text(home.data(), "select content from fact")).isEqualTo("old");
    assertThat(OldSchema.text(home.data(), "select count(*) from audit_entry")).isEqualTo("0");
    try (var files = Files.list(home.root().resolve("data"))) {
      assertThat(files.map(f -> f.getFileName().toString())).containsExactly("muster.mv.db");
    }
    List<Path> kept = backups.newestFirst();
    assertThat(kept).as("the tries drive out one of the others, not three").hasSize(Backups.KEPT);
    assertThat(kept.getLast().getFileName().toString()).contains("T000002");
    Home elsewhere = new Home(folder.resolve("elsewhere"));
    BackupArchive.extract(kept.getFirst(), elsewhere);
    assertThat(OldSchema.version(elsewhere.data())).isEqualTo(BEFORE_NEWEST);
  }

  @Test
  void restoringAnOlderSchemaMigratesItAndMakesNoBackup() throws Exception {
    Path backup = older("older", NOW, "insert into fact values ('what', 'of the older schema')");
    use(database -> put(database, "lost"));
    damage(Database.fileOf(home.data()));
    use(database -> assertThat(get(database)).contains("of the older schema"));
    assertThat(OldSchema.version(home.data())).isEqualTo(Database.NEWEST);
    assertThat(backups.newestFirst()).containsExactly(backup);
    assertThat(home.root().resolve("restore")).doesNotExist();
  }

  @Test
  void backupThatCannotBeMigratedStopsTheStartAndNothingIsThrownAway() throws Exception {
    Path oldest = older("older", NOW, "insert into fact values ('what', 'older')");
    Path data = folder.resolve("unmigratable");
    makeUnmigratable(data);
    Path newest = backUp(data, NOW.plusSeconds(60));
    Files.write(Database.fileOf(home.data()), new byte[40_000]);
    for (int start = 0; start < 2; start++) {
      assertThatThrownBy(recovery::open)
          .isInstanceOf(MigrationFailedException.class)
          .hasMessageContaining(newest.toString())
          .hasMessageContaining("run the version of Muster that wrote it")
          .message()
          .hasLineCount(1);
    }
    assertThat(backups.newestFirst()).containsExactly(newest, oldest);
    assertThat(Database.fileOf(home.data())).hasBinaryContent(new byte[40_000]);
  }

  @Test
  void backupOfNewerVersionIsPassedOverAndNamed() throws Exception {
    Path older = older("older", NOW, "insert into fact values ('what', 'older')");
    Path newer =
        older(
            "newer",
            NOW.plusSeconds(60),
            """
            insert into "flyway_schema_history" ("installed_rank", "version", "description",
              "type", "script", "checksum", "installed_by", "installed_on", "execution_time",
              "success")
            values (99, '99', 'later', 'SQL', 'V99__later.sql', 1, 'x', now(), 1, true)
            """);
    Files.write(Database.fileOf(home.data()), new byte[40_000]);
    Recovery.Opened opened = use(database -> assertThat(get(database)).contains("older"));
    assertThat(opened.loss().orElseThrow())
        .contains(older.getFileName() + " was restored")
        .contains("of a newer version: " + newer.getFileName());
    assertThat(newer).exists();
  }

  /** Earlier versions migrated the file itself, and H2 takes back no change of a schema. */
  @Test
  void databaseThatWasLeftHalfMigratedGivesWayToTheBackupBefore() throws Exception {
    older("older", NOW, "insert into fact values ('what', 'before the migration')");
    OldSchema.make(
        home.data(),
        BEFORE_NEWEST,
        """
        insert into "flyway_schema_history" ("installed_rank", "version", "description",
          "type", "script", "checksum", "installed_by", "installed_on", "execution_time",
          "success")
        values (99, '%s', 'half', 'SQL', 'V%s__half.sql', 1, 'x', now(), 1, false)
        """
            .formatted(Database.NEWEST, Database.NEWEST));
    use(database -> assertThat(get(database)).contains("before the migration"));
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
    try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
      out.putNextEntry(new ZipEntry("../evil"));
      out.closeEntry();
    }
    assertThatThrownBy(() -> BackupArchive.extract(zip, home))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not a backup of Muster");
    assertThat(folder.resolve("evil")).doesNotExist();
  }
}
