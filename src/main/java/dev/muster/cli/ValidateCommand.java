package dev.muster.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.config.LoadResult;
import dev.muster.config.Problem;
import dev.muster.config.Revision;
import dev.muster.config.Snapshot;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster validate}. */
@Command(
    name = "validate",
    description = "Checks a config tree or file. Exits 0 valid, 1 problems, 2 unreadable.")
final class ValidateCommand implements Callable<Integer> {
  enum Format {
    TEXT,
    JSON
  }

  private final World world;

  @Parameters(paramLabel = "PATH", defaultValue = ".", description = "Default: this folder.")
  private Path path = Path.of(".");

  @Option(
      names = "--format",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES}; default text.")
  private Format format = Format.TEXT;

  ValidateCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() {
    LoadResult result = ConfigFiles.check(world, path);
    boolean valid = result instanceof LoadResult.Accepted;
    List<Problem> problems =
        switch (result) {
          case LoadResult.Accepted(Snapshot snapshot, List<Problem> warnings) -> warnings;
          case LoadResult.Rejected(Revision r, List<Problem> found) -> found;
        };
    List<Problem> shown = problems.stream().map(p -> ConfigFiles.shown(path, p)).toList();
    switch (format) {
      case TEXT -> shown.forEach(world.out()::println);
      case JSON -> world.out().println(json(valid, shown));
    }
    world.err().println(summary(valid, shown));
    return valid ? 0 : Failure.NO;
  }

  private static String summary(boolean valid, List<Problem> problems) {
    long errors = problems.stream().filter(p -> p.severity() == Problem.Severity.ERROR).count();
    long warnings = problems.size() - errors;
    String counts = count(errors, "error") + ", " + count(warnings, "warning");
    return (valid ? "valid" : "not valid") + (problems.isEmpty() ? "" : ": " + counts);
  }

  private static String count(long number, String word) {
    return number + " " + word + (number == 1 ? "" : "s");
  }

  static String json(boolean valid, List<Problem> problems) {
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("valid", valid);
    var array = root.putArray("problems");
    for (Problem problem : problems) {
      array
          .addObject()
          .put("file", problem.file())
          .put("line", problem.line())
          .put("column", problem.column())
          .put("severity", problem.severity().word())
          .put("message", problem.message())
          .put("hint", problem.hint().orElse(null));
    }
    return root.toPrettyString();
  }
}
