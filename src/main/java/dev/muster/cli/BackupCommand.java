package dev.muster.cli;

import dev.muster.kernel.backup.BackupArchive;
import dev.muster.kernel.home.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code muster backup}. */
@Command(
    name = "backup",
    description = "Writes the state to one zip while the appliance runs. Secrets are not in it.")
final class BackupCommand implements Callable<Integer> {
  private final World world;
  @Mixin private HomeOption home = new HomeOption();

  @Parameters(paramLabel = "FILE", description = "The zip to write; must not exist.")
  private Path file = Path.of("muster.zip");

  BackupCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path target = world.working().resolve(file);
    if (Files.exists(target)) {
      throw new Failure(Failure.UNUSABLE, target + " is there already; name another file");
    }
    Home folder = home.home(world);
    Optional<ApplianceClient> appliance = ApplianceClient.find(folder);
    if (appliance.isPresent()) {
      appliance.get().download("/backup", target);
    } else {
      try (StoppedAppliance stopped = StoppedAppliance.open(folder, world.clock())) {
        BackupArchive.write(stopped.database(), folder, target);
      }
    }
    world
        .err()
        .println("Wrote " + target + ", " + (Files.size(target) >> 10) + " KiB, without secrets");
    return 0;
  }
}
