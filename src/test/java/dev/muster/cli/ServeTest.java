package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.home.Home;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.OldSchema;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code muster serve} says where it cannot. */
@Timeout(90)
class ServeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private Home home;

  @BeforeEach
  void prepare() throws Exception {
    home = new Home(folder.resolve("home"));
    home.create();
  }

  private CommandLineFixture.Said serve() {
    return CommandLineFixture.muster(
        folder, "serve", "--home", "home", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0");
  }

  private void refusedInOneLine(int exitCode, String... words) {
    CommandLineFixture.Said said = serve();
    assertThat(said.err()).startsWith("muster: ").hasLineCount(1).contains(words);
    assertThat(said.exitCode()).isEqualTo(exitCode);
    assertThat(said.out()).isEmpty();
  }

  @Test
  void homeOfANewerVersionIsLeftAlone() throws Exception {
    OldSchema.make(
        home.data(),
        Database.NEWEST,
        """
        insert into "flyway_schema_history" ("installed_rank", "version", "description",
          "type", "script", "checksum", "installed_by", "installed_on", "execution_time",
          "success")
        values (99, '99', 'later', 'SQL', 'V99__later.sql', 1, 'x', now(), 1, true)
        """);
    refusedInOneLine(2, "newer version of Muster (schema 99)", "use that version");
    assertThat(OldSchema.version(home.data())).isEqualTo("99");
  }

  @Test
  void homeThatCannotBeMigratedIsLeftToTheVersionThatWroteIt() throws Exception {
    OldSchema.make(
        home.data(),
        String.valueOf(Integer.parseInt(Database.NEWEST) - 1),
        "create index registration_runner on registration (runner)");
    refusedInOneLine(
        2, "to " + Database.NEWEST + " failed", "run the version of Muster that wrote it");
  }

  @Test
  void databaseThatSomebodyElseHasOpenIsNotTakenForDamaged() throws Exception {
    OldSchema.make(home.data(), Database.NEWEST);
    try (FileChannel file =
            FileChannel.open(
                Database.fileOf(home.data()), StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock lock = file.lock()) {
      assertThat(lock.isValid()).isTrue();
      refusedInOneLine(2, Database.fileOf(home.data()).toString(), "no other program has it open");
    }
    assertThat(OldSchema.version(home.data())).isEqualTo(Database.NEWEST);
  }

  @Test
  void homeThatAnApplianceRunsOnIsRefusedWithItsPid() throws Exception {
    Process first =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.muster.Main",
                "serve",
                "--home",
                home.root().toString(),
                "--listen",
                "127.0.0.1:0",
                "--admin",
                "127.0.0.1:0")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("said").toFile())
            .start();
    try {
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (!Files.exists(home.root().resolve("appliance.json"))) {
        assertThat(first.isAlive() && System.nanoTime() < end)
            .as("%s", folder.resolve("said"))
            .isTrue();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
      }
      refusedInOneLine(1, "in use by process " + first.pid() + ";", "--home");
      assertThat(first.isAlive()).as("the first is not disturbed").isTrue();
    } finally {
      first.destroyForcibly().waitFor();
    }
  }
}
