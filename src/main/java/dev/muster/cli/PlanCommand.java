package dev.muster.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.config.ConfigTree;
import dev.muster.config.LoadResult;
import dev.muster.config.Problem;
import dev.muster.config.Revision;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code muster plan}. */
@Command(
    name = "plan",
    description = {
      "Shows what a push of a config tree would change against the running appliance.",
      "Exits 0 valid, 1 invalid, 3 when the appliance cannot be reached."
    })
final class PlanCommand implements Callable<Integer> {
  private final World world;
  @Mixin private HomeOption home = new HomeOption();

  @Parameters(paramLabel = "PATH", defaultValue = ".", description = "Default: this folder.")
  private Path path = Path.of(".");

  PlanCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    // What cannot be sent as text, or would not be read, is known here.
    if (ConfigFiles.check(world, path)
        instanceof LoadResult.Rejected(Revision _, List<Problem> problems)) {
      problems.forEach(problem -> world.out().println(ConfigFiles.shown(path, problem)));
      return refused();
    }
    ConfigTree tree = ConfigFiles.read(world.working().resolve(path));
    ApplianceClient appliance = ApplianceClient.of(home.home(world));
    Map<String, String> files = new TreeMap<>();
    tree.files()
        .forEach((name, bytes) -> files.put(name, new String(bytes, StandardCharsets.UTF_8)));
    JsonNode answer = appliance.post("/plan", Map.of("files", files));
    for (JsonNode problem : answer.path("problems")) {
      String hint = problem.path("hint").asText("");
      world
          .out()
          .printf(
              "%s:%d:%d: %s: %s%s%n",
              ConfigFiles.shown(path, problem.path("file").asText()),
              problem.path("line").asInt(),
              problem.path("column").asInt(),
              problem.path("severity").asText(),
              problem.path("message").asText(),
              hint.isEmpty() || hint.equals("null") ? "" : " (" + hint + ")");
    }
    if (!answer.path("valid").asBoolean()) {
      return refused();
    }
    JsonNode changes = answer.path("changes");
    if (changes.isEmpty()) {
      world.out().println("Nothing changes.");
    }
    changes.forEach(line -> world.out().println(line.asText()));
    world.out().println("Cost per month: " + answer.path("cost_per_month").asText());
    return 0;
  }

  private int refused() {
    world.err().println("not valid: a push of this would be refused");
    return Failure.NO;
  }
}
