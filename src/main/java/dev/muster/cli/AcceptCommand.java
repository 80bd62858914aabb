package dev.muster.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.fleet.spec.Os;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code muster accept}. */
@Command(
    name = "accept",
    description = {
      "Tries the appliance against its real accounts, and reports.",
      "Runs the workflow muster-accept.yml of a repository on a new machine, on one that was"
          + " stopped, and on one that is taken away; then sees to it that nothing is left.",
      "Machines cost money: it says how much at most, and asks."
    })
final class AcceptCommand implements Callable<Integer> {
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final World world;
  @Mixin private HomeOption home = new HomeOption();

  @Option(
      names = "--os",
      paramLabel = "linux|windows",
      description = "The runners' operating system; default: linux.")
  private Os os = Os.LINUX;

  @Option(
      names = "--repository",
      required = true,
      paramLabel = "OWNER/NAME",
      description = "Whose workflow is run; config-examples/accept has the workflow.")
  private String repository = "";

  @Option(
      names = "--pool",
      paramLabel = "NAME",
      description = "Default: the first pool of EC2 with this operating system.")
  private @Nullable String pool;

  @Option(names = "--yes", description = "Spends without asking.")
  private boolean yes;

  AcceptCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    ApplianceClient appliance = ApplianceClient.of(home.home(world));
    Map<String, String> wish = new LinkedHashMap<>();
    wish.put("repository", repository);
    wish.put("os", os.word());
    Optional.ofNullable(pool).ifPresent(name -> wish.put("pool", name));
    JsonNode forecast = appliance.get("/acceptance-forecast?" + query(wish));
    world.out().println(spending(forecast));
    if (!yes && !confirmed()) {
      throw new Failure(Failure.NO, "Nothing was begun; say --yes to begin without a question");
    }
    String path = "/acceptances/" + appliance.post("/acceptances", wish).path("id").asText();
    JsonNode ended = follow(appliance, path);
    report(ended);
    return ended.path("state").asText().equals("passed") ? 0 : Failure.NO;
  }

  private static String query(Map<String, String> wish) {
    List<String> pairs = new ArrayList<>();
    wish.forEach(
        (key, value) -> pairs.add(key + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)));
    return String.join("&", pairs);
  }

  private static String spending(JsonNode forecast) {
    JsonNode most = forecast.path("most_usd");
    String cost =
        most.isNull()
            ? "what they cost is not known"
            : String.format(
                Locale.ROOT,
                "at most $%.2f together%s",
                most.asDouble(),
                forecast.path("estimated").asBoolean() ? ", estimated from us-east-1" : "");
    return "Pool %s (%s, %s) with %s: up to %d machines of at most %d minutes each, %s"
        .formatted(
            forecast.path("pool").asText(),
            forecast.path("provider").asText(),
            forecast.path("region").asText(),
            forecast.path("repository").asText(),
            forecast.path("machines").asInt(),
            forecast.path("minutes").asInt(),
            cost);
  }

  private boolean confirmed() throws IOException {
    // Null only where the runtime has no console at all, which its annotations allow for.
    boolean asked = Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    if (!asked) {
      return false;
    }
    world.err().print("Begin? [y/N] ");
    world.err().flush();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    return "y".equalsIgnoreCase(in.readLine());
  }

  /** Prints each step as it ends; the appliance goes on whether anybody watches or not. */
  private JsonNode follow(ApplianceClient appliance, String path) throws InterruptedException {
    int printed = 0;
    while (true) {
      JsonNode acceptance = appliance.get(path);
      JsonNode steps = acceptance.path("steps");
      for (; printed < steps.size() && !steps.get(printed).path("ended_at").isNull(); printed++) {
        JsonNode step = steps.get(printed);
        world
            .out()
            .println(
                step.path("step").asText()
                    + " "
                    + step.path("state").asText()
                    + ": "
                    + step.path("evidence").asText());
      }
      if (!acceptance.path("ended_at").isNull()) {
        return acceptance;
      }
      Thread.sleep(LOOK);
    }
  }

  private void report(JsonNode acceptance) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode step : acceptance.path("steps")) {
      Duration took =
          Duration.between(
              Instant.parse(step.path("started_at").asText()),
              Instant.parse(step.path("ended_at").asText()));
      rows.add(
          List.of(
              step.path("step").asText(),
              step.path("state").asText(),
              took.toSeconds() + " s",
              step.path("evidence").asText()));
    }
    world.out().println();
    Tables.print(world.out(), List.of("STEP", "OUTCOME", "TOOK", "EVIDENCE"), rows);
    world
        .out()
        .println(
            "Acceptance %s %s"
                .formatted(acceptance.path("id").asText(), acceptance.path("state").asText()));
  }
}
