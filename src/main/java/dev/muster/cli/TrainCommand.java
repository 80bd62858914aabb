package dev.muster.cli;

import dev.muster.cli.bench.Training;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code muster train DIR}, for the build alone: the run that the image's AOT cache is made from.
 * It serves from this very process what {@code muster serve} serves, and uses it for a while.
 */
@Command(name = "train", hidden = true, description = "Uses an appliance, for the AOT cache.")
final class TrainCommand implements Callable<Integer> {
  private final World world;

  @Parameters(paramLabel = "DIR", description = "What is kept from one run to the next.")
  private Path folder = Path.of("");

  TrainCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Training training = new Training(world.working().resolve(folder));
    String[] serve = training.serve();
    Thread.ofPlatform()
        .name("serve")
        .daemon()
        .start(() -> MusterCommand.commandLine(world, serve).execute(serve));
    training.use();
    // Also what is run often and by hand or in a hook, where its own start is most of the time.
    String[] validate = {"validate", training.config().toString()};
    return MusterCommand.commandLine(world, validate).execute(validate);
  }
}
