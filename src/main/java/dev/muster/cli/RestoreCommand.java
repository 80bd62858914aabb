package dev.muster.cli;

import dev.muster.kernel.backup.BackupArchive;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.HomeLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code muster restore}. */
@Command(name = "restore", description = "Puts a backup into an empty home.")
final class RestoreCommand implements Callable<Integer> {
  private final World world;
  @Mixin private HomeOption home = new HomeOption();

  @Parameters(paramLabel = "FILE", description = "A zip that muster backup wrote.")
  private Path file = Path.of("muster.zip");

  RestoreCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws IOException {
    Path source = world.working().resolve(file);
    if (!Files.isReadable(source)) {
      throw new Failure(Failure.UNUSABLE, source + " cannot be read");
    }
    Home folder = home.home(world);
    if (!folder.empty()) {
      throw new Failure(
          Failure.NO,
          folder.root()
              + " is not empty; restore into another folder with --home, or move it away");
    }
    folder.create();
    HomeLock lock = HomeLock.take(folder);
    try {
      BackupArchive.extract(source, folder);
    } finally {
      lock.close();
    }
    world
        .err()
        .println(
            "Restored into " + folder.root() + "; put secrets.yml beside it, then muster serve");
    return 0;
  }
}
