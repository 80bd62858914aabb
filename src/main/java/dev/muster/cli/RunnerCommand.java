package dev.muster.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster runner}. */
@Command(
    name = "runner",
    description = "Lists runners, or ends one.",
    synopsisSubcommandLabel = "(list | terminate)")
final class RunnerCommand {
  private RunnerCommand() {}

  static RunnerCommand group() {
    return new RunnerCommand();
  }

  /** {@code muster runner list}. */
  @Command(name = "list", description = "Lists the runners that have not ended.")
  static final class ListAll implements Callable<Integer> {
    private final World world;
    @Mixin private HomeOption home = new HomeOption();

    @Option(names = "--json", description = "As the API answers it.")
    private boolean json;

    ListAll(World world) {
      this.world = world;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
      JsonNode answer = ApplianceClient.of(home.home(world)).get("/runners?limit=1000");
      if (json) {
        world.out().println(ApplianceClient.pretty(answer));
        return 0;
      }
      List<List<String>> rows = new ArrayList<>();
      for (JsonNode runner : answer.path("runners")) {
        rows.add(
            List.of(
                runner.path("id").asText(),
                runner.path("state").asText(),
                runner.path("pool").asText(),
                runner.path("job").isNull() ? "" : runner.path("job").asText(),
                runner.path("since").asText()));
      }
      Tables.print(world.out(), List.of("RUNNER", "STATE", "POOL", "JOB", "SINCE"), rows);
      return 0;
    }
  }

  /** {@code muster runner terminate}. */
  @Command(
      name = "terminate",
      description = "Ends a runner: off GitHub first. Asks before it ends one that is at work.")
  static final class Terminate implements Callable<Integer> {
    private final World world;
    @Mixin private HomeOption home = new HomeOption();

    @Option(names = "--force", description = "Ends a running job too, without asking.")
    private boolean force;

    @Parameters(paramLabel = "ID", description = "As runner list shows it.")
    private String id = "";

    Terminate(World world) {
      this.world = world;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
      ApplianceClient appliance = ApplianceClient.of(home.home(world));
      String path = "/runners" + ApplianceClient.step(id) + "/termination";
      try {
        appliance.post(path, Map.of("force", force));
      } catch (Failure e) {
        if (force || !String.valueOf(e.getMessage()).contains("runs job") || !confirmed(e)) {
          throw e;
        }
        appliance.post(path, Map.of("force", true));
      }
      world.out().println(id + " is being ended");
      return 0;
    }

    private boolean confirmed(Failure e) throws IOException {
      // Null only where the runtime has no console at all, which its annotations allow for.
      boolean asked = Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
      if (!asked) {
        return false;
      }
      world.err().print(e.getMessage() + "\nEnd both? [y/N] ");
      world.err().flush();
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      return "y".equalsIgnoreCase(in.readLine());
    }
  }
}
