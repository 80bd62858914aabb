package dev.muster.kernel.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class HomeLockTest {
  @TempDir private Path folder;

  /** Another process: takes the home it is given, says so, and keeps it until its input ends. */
  public static final class Holder {
    public static void main(String[] arguments) throws IOException {
      try (HomeLock lock = HomeLock.take(new Home(Path.of(arguments[0])))) {
        System.out.println(lock != null ? "taken" : "not taken");
        System.in.read();
      }
    }
  }

  @Test
  @Timeout(20)
  void secondProcessIsRefusedWithTheFirstOnesPidUntilThatDies() throws Exception {
    Home home = new Home(folder.resolve("home"));
    Process first =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                home.root().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader said =
        new BufferedReader(new InputStreamReader(first.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(Objects.requireNonNull(said.readLine())).isEqualTo("taken");
      assertThatExceptionOfType(HomeLock.TakenException.class)
          .isThrownBy(() -> HomeLock.take(home))
          .withMessageContaining("process " + first.pid())
          .withMessageContaining("--home");
    } finally {
      first.destroyForcibly().waitFor();
    }
    HomeLock.take(home).close();
  }

  @Test
  void lockIsFreeAgainOnceClosed() throws IOException {
    Home home = new Home(folder);
    try (HomeLock lock = HomeLock.take(home)) {
      assertThat(lock).isNotNull();
      assertThatExceptionOfType(HomeLock.TakenException.class)
          .isThrownBy(() -> HomeLock.take(home))
          .withMessageContaining("" + ProcessHandle.current().pid());
    }
    HomeLock.take(home).close();
  }
}
