package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.backup.BackupArchive;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.HomeLock;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.OldSchema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on a home where nothing runs, after another version of Muster was installed. */
class StoppedApplianceTest {
  private static final String BEFORE_NEWEST = String.valueOf(Integer.parseInt(Database.NEWEST) - 1);

  @TempDir private Path folder;
  private Home home;

  @BeforeEach
  void prepare() throws Exception {
    home = new Home(folder.resolve("home"));
    home.create();
  }

  private List<Path> backups() throws Exception {
    if (!Files.isDirectory(home.backups())) {
      return List.of();
    }
    try (var files = Files.list(home.backups())) {
      return files.toList();
    }
  }

  @Test
  void databaseOfAnEarlierVersionIsBackedUpBeforeACommandMigratesIt() throws Exception {
    OldSchema.make(home.data(), BEFORE_NEWEST, "insert into fact values ('what', 'kept')");

    CommandLineFixture.Said said =
        CommandLineFixture.muster(folder, "token", "create", "--home", "home", "ci");

    assertThat(said.exitCode()).as(said.err()).isZero();
    assertThat(OldSchema.version(home.data())).isEqualTo(Database.NEWEST);
    assertThat(backups()).hasSize(1);
    Home before = new Home(folder.resolve("before"));
    BackupArchive.extract(backups().getFirst(), before);
    assertThat(OldSchema.version(before.data())).isEqualTo(BEFORE_NEWEST);
    assertThat(OldSchema.text(before.data(), "select count(*) from token")).isEqualTo("0");
    assertThat(OldSchema.text(before.data(), "select content from fact")).isEqualTo("kept");
  }

  @Test
  void backupCommandLeavesTheStateBeforeItsMigrationBesideItsOwn() throws Exception {
    OldSchema.make(home.data(), BEFORE_NEWEST);

    CommandLineFixture.Said said =
        CommandLineFixture.muster(folder, "backup", "--home", "home", "b.zip");

    assertThat(said.exitCode()).as(said.err()).isZero();
    assertThat(folder.resolve("b.zip")).exists();
    assertThat(backups()).hasSize(1);
  }

  @Test
  void nothingIsHeldAfterADatabaseThatCannotBeMigrated() throws Exception {
    OldSchema.make(
        home.data(), BEFORE_NEWEST, "create index registration_runner on registration (runner)");

    CommandLineFixture.Said said =
        CommandLineFixture.muster(folder, "token", "list", "--home", "home");

    assertThat(said.exitCode()).isNotZero();
    assertThat(said.err()).contains("run the version of Muster that wrote it");
    assertThat(OldSchema.version(home.data())).isEqualTo(BEFORE_NEWEST);
    HomeLock.take(home).close();
  }
}
