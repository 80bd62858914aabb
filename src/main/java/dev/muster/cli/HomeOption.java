package dev.muster.cli;

import dev.muster.kernel.home.Home;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --home DIR}. */
final class HomeOption {
  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = {
        "Folder that holds everything of the appliance.",
        "Default: /var/lib/muster when it is writable, else ~/.muster"
      })
  private @Nullable Path home;

  Home home(World world) {
    Path named = home;
    return named == null
        ? Home.standard(world.userHome())
        : new Home(world.working().resolve(named).toAbsolutePath().normalize());
  }
}
