package dev.muster.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code muster job}. */
@Command(name = "job", description = "Runs a job again.", synopsisSubcommandLabel = "retry")
final class JobCommand {
  private JobCommand() {}

  static JobCommand group() {
    return new JobCommand();
  }

  /** {@code muster job retry}. */
  @Command(
      name = "retry",
      description = "Asks GitHub to run a job again, which makes a new job with a new number.")
  static final class Retry implements Callable<Integer> {
    private final World world;
    @Mixin private HomeOption home = new HomeOption();

    @Parameters(paramLabel = "ID", description = "GitHub's number of the job.")
    private long id;

    Retry(World world) {
      this.world = world;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
      ApplianceClient.of(home.home(world)).post("/jobs/" + id + "/retry", Map.of());
      world.out().println("GitHub runs job " + id + " again, as a new job");
      return 0;
    }
  }
}
