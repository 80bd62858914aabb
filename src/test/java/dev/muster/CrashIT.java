package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.home.Home;
import dev.muster.kernel.store.Database;
import dev.muster.webhook.DeliveryStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real process under load, killed at random moments: whatever it acknowledged must be there. The
 * number of kills is the system property {@code muster.crash.kills}.
 */
class CrashIT {
  private static final int KILLS = Integer.getInteger("muster.crash.kills", 4);
  private static final int CONNECTIONS = 16;

  @TempDir private Path folder;
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicInteger sent = new AtomicInteger();
  private final List<Duration> starts = new ArrayList<>();

  @Test
  @Timeout(600)
  void everyAcknowledgedDeliveryOutlivesKill9() throws Exception {
    Home home = new Home(folder.resolve("home"));
    try (ApplianceFixture fixture = ApplianceFixture.start(folder, Map.of()).configured()) {
      assertThat(fixture.home()).isEqualTo(home);
    }
    Random random = new Random();
    for (int kill = 0; kill < KILLS; kill++) {
      int before = acknowledged.size();
      Process process = start(home);
      try {
        URI url = awaitReady(home, process);
        Duration life = Duration.ofMillis(300 + random.nextInt(1_200));
        load(url, process, life);
      } finally {
        process.destroyForcibly().waitFor();
      }
      assertThat(acknowledged.size()).as("under load before kill " + kill).isGreaterThan(before);
    }
    Set<String> recorded = recorded(home);
    assertThat(acknowledged).isNotEmpty().allMatch(recorded::contains);
    System.out.printf(
        "%d kills: %d sent, %d acknowledged, %d recorded, 0 lost; exec to /readyz %s ms%n",
        KILLS,
        sent.get(),
        acknowledged.size(),
        recorded.size(),
        starts.stream().map(d -> "" + d.toMillis()).collect(Collectors.joining(", ")));
  }

  /** Sends until {@code life} is over and the process is killed in the midst of it. */
  private void load(URI url, Process process, Duration life) throws InterruptedException {
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      List<Thread> senders = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        senders.add(Thread.ofVirtual().start(() -> send(http, url, process)));
      }
      boolean ended = process.waitFor(life.toMillis(), TimeUnit.MILLISECONDS);
      assertThat(ended).as("it ended by itself").isFalse();
      process.destroyForcibly().waitFor(); // SIGKILL
      for (Thread sender : senders) {
        sender.join();
      }
    }
  }

  private void send(HttpClient http, URI url, Process process) {
    while (process.isAlive()) {
      String id = "crash-" + sent.incrementAndGet();
      String json = "{\"zen\":\"%s\",\"padding\":\"%s\"}".formatted(id, (id + " ").repeat(400));
      byte[] body = json.getBytes(StandardCharsets.UTF_8);
      try {
        int status =
            http.send(
                    ApplianceFixture.delivery(url, id, "ping", body).build(),
                    HttpResponse.BodyHandlers.discarding())
                .statusCode();
        if (status == 202) {
          acknowledged.add(id);
        }
      } catch (IOException e) {
        return; // killed
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static Set<String> recorded(Home home) {
    try (Database database = Database.open(home.data(), existing -> {})) {
      Set<String> ids = ConcurrentHashMap.newKeySet();
      long before = Long.MAX_VALUE;
      while (true) {
        long page = before;
        List<DeliveryStore.Summary> some =
            database.read(read -> DeliveryStore.newest(read, page, 1_000));
        if (some.isEmpty()) {
          return ids;
        }
        some.forEach(d -> ids.add(d.deliveryId()));
        before = some.getLast().id();
      }
    }
  }

  /** The image where the build has made it, else the classes that are under test. */
  private static List<String> muster() {
    Path image = Path.of("target", "muster", "bin", "muster").toAbsolutePath();
    if (Files.isExecutable(image)) {
      return List.of(image.toString());
    }
    return List.of(
        ProcessHandle.current().info().command().orElse("java"),
        "-XX:+UseSerialGC",
        "-Xmx256m",
        "-cp",
        System.getProperty("java.class.path"),
        "dev.muster.Main");
  }

  private Process start(Home home) throws IOException {
    List<String> command = new ArrayList<>(muster());
    command.addAll(List.of("serve", "--home", home.root().toString(), "--listen", "127.0.0.1:0"));
    command.addAll(List.of("--admin", "127.0.0.1:0"));
    Path log = folder.resolve("muster.log");
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  private URI awaitReady(Home home, Process process) throws IOException, InterruptedException {
    long began = System.nanoTime();
    Files.deleteIfExists(home.root().resolve("appliance.json"));
    try (HttpClient http = HttpClient.newHttpClient()) {
      while (System.nanoTime() - began < Duration.ofSeconds(30).toNanos()) {
        assertThat(process.isAlive()).as(() -> "it runs: " + log()).isTrue();
        URI url =
            home.running()
                .filter(running -> running.pid() == process.pid())
                .map(running -> running.publicUrl())
                .orElse(null);
        if (url != null && ready(http, url)) {
          starts.add(Duration.ofNanos(System.nanoTime() - began));
          return url.resolve("/webhooks/github");
        }
        process.waitFor(5, TimeUnit.MILLISECONDS);
      }
    }
    throw new AssertionError("not ready after 30 s: " + log());
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("muster.log"));
    } catch (IOException e) {
      return "no log: " + e;
    }
  }

  private static boolean ready(HttpClient http, URI url) throws InterruptedException {
    try {
      return http.send(
                  java.net.http.HttpRequest.newBuilder(url.resolve("/readyz")).build(),
                  HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    }
  }
}
