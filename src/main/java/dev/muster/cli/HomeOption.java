package dev.muster.cli;

import dev.muster.kernel.home.Home;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --home DIR}. */
final class HomeOption {
  static final String NAME = "--home";
  static final String LABEL = "DIR";
  static final String WHAT = "Folder that holds everything of the appliance.";
  static final String DEFAULT = "Default: /var/lib/muster when it is writable, else ~/.muster";

  @Option(
      names = NAME,
      paramLabel = LABEL,
      description = {WHAT, DEFAULT})
  private @Nullable Path home;

  Home home(World world) {
    return home(world, home);
  }

  static Home home(World world, @Nullable Path named) {
    return named == null
        ? Home.standard(world.userHome())
        : new Home(world.working().resolve(named).toAbsolutePath().normalize());
  }
}
