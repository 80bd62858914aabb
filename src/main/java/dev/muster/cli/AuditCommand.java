package dev.muster.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code muster audit}. */
@Command(name = "audit", description = "Shows the trail of what was changed, and by whom.")
final class AuditCommand implements Callable<Integer> {
  private final World world;
  @Mixin private HomeOption home = new HomeOption();

  @Option(
      names = "--since",
      paramLabel = "T",
      description = "A sequence number: only what came after it.")
  private @Nullable Long since;

  AuditCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Long after = since;
    JsonNode answer =
        ApplianceClient.of(home.home(world))
            .get("/audit?limit=1000" + (after == null ? "" : "&since=" + after));
    for (JsonNode entry : answer.path("audit")) {
      world
          .out()
          .printf(
              "%8d  %-27s  %-28s  %-18s  %s  %s%n",
              entry.path("sequence").asLong(),
              entry.path("at").asText(),
              entry.path("actor").asText(),
              entry.path("action").asText(),
              entry.path("object").asText(),
              entry.path("detail").asText());
    }
    return 0;
  }

  /** {@code muster audit verify}. */
  @Command(name = "verify", description = "Checks that the trail and the deliveries are unchanged.")
  static final class Verify implements Callable<Integer> {
    private final World world;
    @Mixin private HomeOption home = new HomeOption();

    Verify(World world) {
      this.world = world;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
      JsonNode answer = ApplianceClient.of(home.home(world)).get("/audit/verification");
      if (!answer.path("intact").asBoolean()) {
        throw new Failure(
            Failure.NO,
            "The trail was changed: "
                + answer.path("problem").asText()
                + "; compare with a backup");
      }
      world
          .out()
          .printf(
              "Intact: %d entries in %d batches; head %s%n",
              answer.path("entries").asLong(),
              answer.path("batches").asLong(),
              answer.path("head").asText());
      return 0;
    }
  }
}
