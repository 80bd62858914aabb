package dev.muster.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code muster status}. */
@Command(name = "status", description = "Shows what the status page shows.")
final class StatusCommand implements Callable<Integer> {
  private final World world;
  @Mixin private HomeOption home = new HomeOption();

  @Option(names = "--json", description = "As the API answers it.")
  private boolean json;

  StatusCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    JsonNode status = ApplianceClient.of(home.home(world)).get("/status");
    if (json) {
      world.out().println(ApplianceClient.pretty(status));
      return 0;
    }
    JsonNode config = status.path("config");
    world
        .out()
        .println(
            "Muster "
                + status.path("version").asText()
                + ", region "
                + status.path("region").asText());
    world
        .out()
        .println(
            config.path("revision").isTextual()
                ? "Config "
                    + config.path("revision").asText()
                    + " from "
                    + config.path("source").asText()
                    + ", in force since "
                    + config.path("accepted_at").asText()
                : "No config is in force; push one");
    JsonNode rejected = config.path("rejected");
    if (rejected.isObject()) {
      world
          .out()
          .println(
              "REJECTED "
                  + rejected.path("revision").asText()
                  + ": "
                  + rejected.path("problems").size()
                  + " problems");
    }
    JsonNode jobs = status.path("jobs");
    world
        .out()
        .printf(
            "Jobs: %d queued, %d assigned, %d running; last 24 hours: %d completed, %d failed%n",
            jobs.path("queued").asLong(),
            jobs.path("assigned").asLong(),
            jobs.path("running").asLong(),
            jobs.path("completed_24h").asLong(),
            jobs.path("failed_24h").asLong());
    pools(status);
    return 0;
  }

  private void pools(JsonNode status) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode pool : status.path("pools")) {
      rows.add(
          List.of(
              pool.path("name").asText(),
              pool.path("environment").asText(),
              pool.path("region").asText(),
              pool.path("desired_running").asText() + "/" + pool.path("desired_stopped").asText(),
              pool.path("idle").asText(),
              pool.path("busy").asText(),
              pool.path("pending").asText(),
              pool.path("stopped").asText(),
              pool.path("reason").asText("")));
    }
    if (!rows.isEmpty()) {
      world.out().println();
      Tables.print(
          world.out(),
          List.of(
              "POOL",
              "ENVIRONMENT",
              "REGION",
              "WANTED",
              "IDLE",
              "BUSY",
              "COMING",
              "STOPPED",
              "WHY"),
          rows);
    }
  }
}
