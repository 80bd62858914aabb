package dev.muster.cli;

import dev.muster.cli.bench.Bench;
import dev.muster.cli.bench.Benchmark;
import dev.muster.cli.bench.BurstBenchmark;
import dev.muster.cli.bench.ConfigBenchmark;
import dev.muster.cli.bench.CrashBenchmark;
import dev.muster.cli.bench.Figure;
import dev.muster.cli.bench.LaunchBenchmark;
import dev.muster.cli.bench.ReconcileBenchmark;
import dev.muster.cli.bench.ReplicationBenchmark;
import dev.muster.cli.bench.StartBenchmark;
import dev.muster.cli.bench.TracingBenchmark;
import dev.muster.cli.bench.WebhookBenchmark;
import dev.muster.cli.tools.TemporaryFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code muster bench}. */
@Command(name = "bench", description = "Measures this machine, its own limit beside each figure.")
final class BenchCommand implements Callable<Integer> {
  private static final List<Benchmark> ALL =
      List.of(
          new WebhookBenchmark(),
          new CrashBenchmark(),
          new StartBenchmark(),
          new BurstBenchmark(),
          new LaunchBenchmark(),
          new ReconcileBenchmark(),
          new ConfigBenchmark(),
          new TracingBenchmark(),
          new ReplicationBenchmark());

  private final World world;

  @Parameters(
      arity = "0..1",
      paramLabel = "webhooks|crash|start|burst|launch|reconcile|config|tracing|replication",
      description = "Default: all, which takes about eight minutes.")
  private @Nullable String which;

  BenchCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Logging.configure(Level.WARNING, false);
    String name = which;
    List<Benchmark> chosen =
        name == null ? ALL : ALL.stream().filter(b -> b.name().equals(name)).toList();
    if (chosen.isEmpty()) {
      throw new Failure(
          Failure.UNUSABLE,
          "There is no benchmark '"
              + name
              + "'; there are "
              + String.join(", ", ALL.stream().map(Benchmark::name).toList()));
    }
    Path folder = Files.createTempDirectory("muster-bench-");
    try {
      List<List<String>> rows = new ArrayList<>();
      for (Benchmark benchmark : chosen) {
        world.err().println(benchmark.name());
        Bench bench = new Bench(folder, world.err(), world.programs()::muster);
        for (Figure figure : benchmark.run(bench)) {
          rows.add(List.of(figure.what(), figure.measured(), figure.bar(), figure.limit()));
        }
      }
      Tables.print(world.out(), List.of("FIGURE", "MEASURED", "BAR", "THIS MACHINE'S LIMIT"), rows);
    } finally {
      TemporaryFolders.delete(folder);
    }
    return 0;
  }
}
