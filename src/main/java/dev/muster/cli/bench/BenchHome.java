package dev.muster.cli.bench;

import dev.muster.cli.tools.GitClient;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.Running;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** A home for a measurement, and the config that is pushed to it. */
final class BenchHome {
  static final String SECRET = "bench";

  private BenchHome() {}

  static Home create(Path folder) throws IOException {
    Home home = new Home(folder);
    home.create();
    Home.writePrivately(
        home.secrets(), ("github-webhook: " + SECRET + "\n").getBytes(StandardCharsets.UTF_8));
    return home;
  }

  /** A config that takes webhooks; with further lines. */
  static String config(String more) {
    return """
    version: "1"
    github:
      webhook_secret: { secret: github-webhook }
    """
        + more;
  }

  /** Pushes a config with the real git. */
  static void push(Path work, URI appliance, String token, String config)
      throws IOException, InterruptedException {
    Files.createDirectories(work);
    Files.writeString(work.resolve("muster.yml"), config);
    new GitClient(work, token).publish(appliance, "bench");
  }

  /** Pools of one spec each kept on EC2. */
  static String pools(int count, int desiredRunning) {
    StringBuilder yaml = new StringBuilder("runners:\n");
    yaml.append(
        "  - { name: 4cpu, provider: ec2, os: linux, arch: arm64, cpu: [4, 8], ram: [8, 32] }\n");
    yaml.append("pools:\n");
    for (int i = 0; i < count; i++) {
      yaml.append("  - name: pool-%04d%n".formatted(i));
      yaml.append("    runner: 4cpu\n");
      yaml.append("    desired_running: %d%n".formatted(desiredRunning));
      yaml.append("    max: 50\n");
      yaml.append("    schedules:\n");
      yaml.append(
          "      - { name: day, days_of_week: [1, 2, 3, 4, 5], start_hour: 8, end_hour: 18, desired_running: %d, desired_stopped: 0 }%n"
              .formatted(desiredRunning));
    }
    return yaml.toString();
  }

  /** Pauses or resumes everything. */
  static void pause(Running appliance, boolean pause) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(appliance.adminUrl() + "/api/v1/pauses" + (pause ? "" : "/all")))
            .header("Authorization", "Bearer " + appliance.token())
            .method(
                pause ? "POST" : "DELETE",
                pause
                    ? HttpRequest.BodyPublishers.ofString("{\"scope\":\"all\",\"name\":\"\"}")
                    : HttpRequest.BodyPublishers.noBody())
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
      if (status != 200) {
        throw new IOException("the appliance answered " + status);
      }
    }
  }

  static Map<String, String> freePorts() {
    return new TreeMap<>(Map.of("listen", "127.0.0.1:0", "admin", "127.0.0.1:0"));
  }
}
