package dev.muster.kernel.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.muster.kernel.home.Home;
import dev.muster.kernel.store.Database;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With the real git, which changes the repository between two files of the copy. */
@Timeout(60)
class RepositoryCopyTest {
  @TempDir private Path folder;
  private Path work;
  private Path repository;
  private Path copy;

  @BeforeEach
  void prepare() throws Exception {
    work = Files.createDirectory(folder.resolve("work"));
    repository = folder.resolve("config.git");
    copy = folder.resolve("copy");
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", repository.toString());
    git(work, "init", "--quiet", "--initial-branch=main");
    push("first");
  }

  private String git(Path where, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(where.toFile()).redirectErrorStream(true);
    builder
        .environment()
        .putAll(
            Map.of(
                "HOME", folder.toString(),
                "GIT_CONFIG_NOSYSTEM", "1",
                "GIT_AUTHOR_NAME", "Ada",
                "GIT_AUTHOR_EMAIL", "ada@example.com",
                "GIT_COMMITTER_NAME", "Ada",
                "GIT_COMMITTER_EMAIL", "ada@example.com"));
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    assertThat(process.exitValue()).as("%s: %s", command, said).isZero();
    return said.strip();
  }

  private void push(String content) throws IOException {
    Files.writeString(work.resolve("muster.yml"), content);
    git(work, "add", "--all");
    git(work, "commit", "--quiet", "--message", content);
    git(work, "push", "--quiet", repository.toString(), "HEAD:refs/heads/main");
  }

  private interface Step {
    void run() throws IOException;
  }

  /** Copies, with {@code step} before or after the first file whose name begins so. */
  private void copyWith(String prefix, boolean before, Step step) throws IOException {
    boolean[] done = {false};
    new RepositoryCopy(
            repository,
            copy,
            (file, target) -> {
              boolean now = !done[0] && repository.relativize(file).toString().startsWith(prefix);
              done[0] |= now;
              if (now && before) {
                step.run();
              }
              Files.copy(file, target);
              if (now && !before) {
                step.run();
              }
            })
        .make();
    assertThat(done[0]).as("a file %s", prefix).isTrue();
  }

  private void copyIsWhole() throws IOException {
    git(copy, "fsck", "--full", "--strict");
    assertThat(git(copy, "show", "main:muster.yml")).isIn("first", "second");
  }

  @Test
  void pushAfterTheReferencesWereCopiedLeavesACommitThatIsWhole() throws Exception {
    copyWith("refs", false, () -> push("second"));
    copyIsWhole();
    assertThat(git(copy, "show", "main:muster.yml")).isEqualTo("first");
  }

  @Test
  void pushWhileObjectsAreCopiedLeavesACommitThatIsWhole() throws Exception {
    copyWith("objects", true, () -> push("second"));
    copyIsWhole();
  }

  @Test
  void pushBeforeTheReferencesAreCopiedIsInTheCopy() throws Exception {
    copyWith("refs", true, () -> push("second"));
    copyIsWhole();
    assertThat(git(copy, "show", "main:muster.yml")).isEqualTo("second");
  }

  @Test
  void objectsThatArePackedMeanwhileAreCopiedAnew() throws Exception {
    copyWith("objects", true, () -> git(repository, "gc", "--quiet", "--prune=now"));
    copyIsWhole();
  }

  @Test
  void referencesThatArePackedMeanwhileAreCopiedAnew() throws Exception {
    copyWith("refs", true, () -> git(repository, "pack-refs", "--all"));
    copyIsWhole();
  }

  @Test
  void repositoryWhoseReferencesAreAllPackedIsOneAgainWhenItIsRestored() throws Exception {
    git(repository, "pack-refs", "--all");
    Home home = new Home(folder.resolve("home"));
    home.create();
    Files.move(repository, home.configRepository());
    Path backup = folder.resolve("backup.zip");
    try (Database database = Database.open(home.data(), existing -> {})) {
      BackupArchive.write(database, home, backup);
    }
    Home restored = new Home(folder.resolve("restored"));
    BackupArchive.extract(backup, restored);
    git(restored.configRepository(), "fsck", "--full", "--strict");
    assertThat(git(restored.configRepository(), "show", "main:muster.yml")).isEqualTo("first");
  }

  @Test
  void repositoryThatNeverHoldsStillIsNotCopiedHalf() {
    RepositoryCopy restless =
        new RepositoryCopy(
            repository,
            copy,
            (file, target) -> {
              throw new NoSuchFileException(file.toString());
            });
    assertThatIOException()
        .isThrownBy(restless::make)
        .withMessageContaining(repository.toString())
        .withMessageContaining("try again");
  }
}
