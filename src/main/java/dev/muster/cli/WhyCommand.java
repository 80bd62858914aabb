package dev.muster.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code muster why}. */
@Command(name = "why", description = "Tells the decisions behind one job or pool.")
final class WhyCommand implements Callable<Integer> {
  enum Kind {
    JOB,
    POOL
  }

  private final World world;
  @Mixin private HomeOption home = new HomeOption();

  @Parameters(index = "0", paramLabel = "job|pool", description = "What to explain.")
  private Kind kind = Kind.JOB;

  @Parameters(
      index = "1",
      paramLabel = "ID|NAME",
      description = "GitHub's number of a job, or a pool's name.")
  private String name = "";

  WhyCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    ApplianceClient appliance = ApplianceClient.of(home.home(world));
    switch (kind) {
      case JOB -> job(appliance.get("/jobs" + ApplianceClient.step(name)));
      case POOL -> pool(appliance.get("/pools" + ApplianceClient.step(name)));
    }
    return 0;
  }

  private void job(JsonNode job) {
    world
        .out()
        .printf(
            "Job %s, %s of %s, is %s.%n",
            job.path("id").asText(),
            job.path("name").asText(),
            job.path("repository").asText(),
            job.path("state").asText());
    explanation(job);
    for (JsonNode entry : job.path("timeline")) {
      world
          .out()
          .printf(
              "  %-27s %-16s %s%n",
              entry.path("at").asText(),
              entry.path("event").asText(),
              entry.path("detail").asText());
    }
  }

  private void pool(JsonNode pool) {
    world.out().println("Pool " + pool.path("name").asText() + ": " + pool.path("reason").asText());
    explanation(pool);
    for (JsonNode decision : pool.path("decisions")) {
      world
          .out()
          .println("  " + decision.path("at").asText() + "  " + decision.path("summary").asText());
      decision.path("lines").forEach(line -> world.out().println("      " + line.asText()));
    }
  }

  private void explanation(JsonNode subject) {
    subject.path("explanation").forEach(line -> world.out().println(line.asText()));
  }
}
