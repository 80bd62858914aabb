package dev.muster.cli;

import dev.muster.cli.bench.Bench;
import dev.muster.cli.bench.Training;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code muster train DIR}, for the build alone: the runs that the image's AOT caches are made
 * from. The first serves from this very process what {@code muster serve} serves, and uses it for a
 * while; {@code train-brief} runs the commands that end soon, which need few of those classes.
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
    return 0;
  }

  @Command(name = "train-brief", hidden = true, description = "Runs commands, for the AOT cache.")
  static final class Brief implements Callable<Integer> {
    private final World world;

    @Parameters(paramLabel = "DIR", description = "What muster train left.")
    private Path folder = Path.of("");

    Brief(World world) {
      this.world = world;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
      Path home = world.working().resolve(folder);
      Training training = new Training(home);
      training.serveDuring(
          new Bench(home, world.err(), world.programs()::muster),
          () -> training.commands().forEach(this::run));
      return 0;
    }

    private void run(List<String> command) {
      String[] arguments = command.toArray(String[]::new);
      int code = MusterCommand.commandLine(world, arguments).execute(arguments);
      if (code != 0) {
        throw new IllegalStateException("muster " + String.join(" ", command) + " exits " + code);
      }
    }
  }
}
