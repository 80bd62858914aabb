package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.kernel.backup.Backups;
import dev.muster.kernel.backup.Recovery;
import dev.muster.kernel.store.Database;
import dev.muster.sandbox.SandboxJob;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole appliance whose database cannot be opened any more. */
@Timeout(120)
class RecoveryIT {
  private static final String REPOSITORY = "acme/api";

  /** H2 keeps its header twice, in the first two blocks; with one of them it opens the file. */
  private static final int HEADERS = 2 * 4096;

  @TempDir private Path folder;
  private final Logger logger = Logger.getLogger(Recovery.class.getName());
  private final List<String> logged = new CopyOnWriteArrayList<>();
  private final Handler handler = new Keeper();
  private final HttpClient http = HttpClient.newHttpClient();
  private LocalFleet fleet;

  private final class Keeper extends Handler {
    @Override
    public void publish(LogRecord event) {
      logged.add(event.getLevel() + " " + event.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @BeforeEach
  void prepare() throws Exception {
    logger.addHandler(handler);
    fleet = new LocalFleet(folder, Map.of());
  }

  @AfterEach
  void end() throws IOException {
    fleet.close();
    http.close();
    logger.removeHandler(handler);
  }

  private void damage() throws IOException {
    Path file = Database.fileOf(fleet.home().data());
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, 0, HEADERS, (byte) 7);
    Files.write(file, bytes);
  }

  private String admin(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(fleet.running().running().adminUrl().resolve(path)).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private SandboxJob queue(int run) {
    return fleet
        .sandbox()
        .queueJob(REPOSITORY, List.of("muster=" + run + "/runner=here"), List.of("true"));
  }

  /** What people are told, wherever they look, and that the damaged file is kept. */
  private void lossIsSaid(String what) throws Exception {
    String start = "The database could not be opened and was moved to ";
    assertThat(logged).anyMatch(line -> line.startsWith("SEVERE " + start) && line.contains(what));
    assertThat(admin("/")).contains(start).contains(what);
    assertThat(admin("/api/v1/status")).contains(start).contains(what);
    try (var files = Files.list(fleet.home().root().resolve("data"))) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .anyMatch(name -> name.startsWith("muster.mv.db.damaged-"));
    }
  }

  @Test
  void newestBackupTakesItsPlaceAndGitHubIsAskedForTheTimeSince() throws Exception {
    SandboxJob before = queue(1);
    fleet.await(before, j -> j.state() == JobState.COMPLETED);
    Path backup =
        new Backups(fleet.home(), InstantSource.system()).make(fleet.running().database());
    SandboxJob since = queue(2);
    fleet.await(since, j -> j.state() == JobState.COMPLETED);
    fleet.stop();
    damage();
    SandboxJob missed = queue(3);
    fleet.sandbox().settle();

    fleet.start();

    lossIsSaid("The backup " + backup.getFileName() + " was restored");
    assertThat(known(before).state()).isEqualTo(JobState.COMPLETED);
    Job served = fleet.await(missed, j -> j.state() == JobState.COMPLETED);
    assertThat(served.conclusion()).contains("success");
    fleet.await(since, j -> j.state() == JobState.COMPLETED);
  }

  @Test
  void withoutBackupTheConfigAndTheJobsThatWaitAreFoundAgain() throws Exception {
    fleet.await(queue(1), j -> j.state() == JobState.COMPLETED);
    fleet.stop();
    damage();
    try (var backups = Files.list(fleet.home().backups())) {
      for (Path backup : backups.toList()) {
        Files.delete(backup);
      }
    }
    SandboxJob missed = queue(2);
    fleet.sandbox().settle();

    fleet.start();

    lossIsSaid("the state begins anew");
    Job served = fleet.await(missed, j -> j.state() == JobState.COMPLETED);
    assertThat(served.conclusion()).contains("success");
  }

  private Job known(SandboxJob job) {
    return fleet
        .running()
        .database()
        .read(read -> JobStore.find(read, new JobId(job.id())))
        .orElseThrow();
  }
}
