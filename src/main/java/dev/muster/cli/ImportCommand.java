package dev.muster.cli;

import dev.muster.config.Problem;
import dev.muster.fleet.spec.RunsOnImport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code muster import}. */
@Command(
    name = "import",
    description = {
      "Translates a runs-on.yml (RunsOn) into Muster's form, on stdout.",
      "What has no counterpart is listed on stderr. A runs-fleet.yml loads unchanged and needs no"
          + " translation."
    })
final class ImportCommand implements Callable<Integer> {
  private final World world;

  @Parameters(paramLabel = "FILE", description = "The runs-on.yml.")
  private Path file = Path.of("runs-on.yml");

  ImportCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() {
    String text;
    try {
      text = Files.readString(world.working().resolve(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new Failure(Failure.UNUSABLE, file + " cannot be read: " + e.getMessage());
    }
    return switch (new RunsOnImport().translate(file.toString(), text)) {
      case RunsOnImport.Imported(String yaml, List<String> withoutCounterpart) -> {
        world.out().print(yaml);
        withoutCounterpart.forEach(world.err()::println);
        yield 0;
      }
      case RunsOnImport.Unreadable(List<Problem> problems) -> {
        problems.forEach(world.err()::println);
        yield Failure.NO;
      }
    };
  }
}
