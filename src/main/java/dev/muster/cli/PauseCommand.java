package dev.muster.cli;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code muster pause} and {@code muster resume}. */
final class PauseCommand {
  private PauseCommand() {}

  enum Where {
    POOL,
    ENVIRONMENT
  }

  /** What a pause is about. */
  static final class Scope {
    @Parameters(
        index = "0",
        arity = "0..1",
        paramLabel = "pool|environment",
        description = "Without it: everywhere.")
    private @Nullable Where where;

    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "NAME",
        description = "Of the pool or environment.")
    private @Nullable String name;

    String scope() {
      Where kind = where;
      if ((kind == null) != (name == null)) {
        throw new Failure(Failure.UNUSABLE, "Give both, as in: muster pause pool default");
      }
      return kind == null ? "all" : kind.name().toLowerCase(Locale.ROOT);
    }

    String name() {
      String given = name;
      return given == null ? "" : given;
    }
  }

  /** {@code muster pause}. */
  @Command(
      name = "pause",
      description = "Stops new launches, everywhere or there; running jobs are left alone.")
  static final class Pause implements Callable<Integer> {
    private final World world;
    @Mixin private HomeOption home = new HomeOption();
    @Mixin private Scope scope = new Scope();

    Pause(World world) {
      this.world = world;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
      Map<String, String> body = Map.of("scope", scope.scope(), "name", scope.name());
      ApplianceClient.of(home.home(world)).post("/pauses", body);
      world
          .out()
          .println("New launches are stopped: " + (scope.scope() + " " + scope.name()).strip());
      return 0;
    }
  }

  /** {@code muster resume}. */
  @Command(name = "resume", description = "Allows new launches again.")
  static final class Resume implements Callable<Integer> {
    private final World world;
    @Mixin private HomeOption home = new HomeOption();
    @Mixin private Scope scope = new Scope();

    Resume(World world) {
      this.world = world;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
      String path = "/pauses/" + scope.scope();
      ApplianceClient.of(home.home(world))
          .delete(scope.name().isEmpty() ? path : path + ApplianceClient.step(scope.name()));
      world
          .out()
          .println("Launches are allowed again: " + (scope.scope() + " " + scope.name()).strip());
      return 0;
    }
  }
}
