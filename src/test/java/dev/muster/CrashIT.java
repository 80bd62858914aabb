package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.bench.Bench;
import dev.muster.cli.bench.CrashBenchmark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real process under load, killed at random moments: whatever it acknowledged must be there. The
 * number of kills is the system property {@code muster.crash.kills}.
 */
class CrashIT {
  private static final int KILLS = Integer.getInteger("muster.crash.kills", 4);

  @TempDir private Path folder;

  @Test
  @Timeout(600)
  void everyAcknowledgedDeliveryOutlivesKill9() throws Exception {
    Bench bench = new Bench(folder, System.out, CrashIT::muster);
    CrashBenchmark.Outcome outcome = new CrashBenchmark().run(bench, KILLS);
    assertThat(outcome.acknowledged()).as("acknowledged before each kill").hasSize(KILLS);
    assertThat(outcome.acknowledged()).allMatch(count -> count > 0);
    assertThat(outcome.lost()).isZero();
  }

  /** The image where the build has made it, else the classes that are under test. */
  private static List<String> muster(String... arguments) {
    Path image = Path.of("target", "muster", "bin", "muster").toAbsolutePath();
    List<String> command =
        Files.isExecutable(image)
            ? new ArrayList<>(List.of(image.toString()))
            : new ArrayList<>(
                List.of(
                    ProcessHandle.current().info().command().orElse("java"),
                    "-Xmx256m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "dev.muster.Main"));
    command.addAll(List.of(arguments));
    return command;
  }
}
